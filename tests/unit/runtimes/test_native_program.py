"""The script of a service, run by a real shell: what reaches its program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bootstrap.runtimes.native.program import Program

AWKWARD = "a 'quoted' \"$HOME\" `name`; # %d"

SAY = """
import os, signal, sys
print(os.environ["ODD"], sys.argv[1], sep="\\n")
print(os.getpid(), signal.getsignal(signal.SIGINT) is signal.default_int_handler)
sys.exit(3)
"""


def test_a_script_becomes_its_program_with_variables_and_arguments_as_they_are(
    tmp_path: Path,
) -> None:
    """One process, for its end to be that of the service; Prefect's worker ends by an interrupt."""
    program = Program("odd", (sys.executable, "-c", SAY, AWKWARD), {"ODD": AWKWARD})
    (tmp_path / "odd.sh").write_text(program.script)
    started = subprocess.Popen(
        ["sh", str(tmp_path / "odd.sh")],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={"PATH": os.environ["PATH"]},
    )
    said, _ = started.communicate(timeout=60)
    assert said.splitlines() == [AWKWARD, AWKWARD, f"{started.pid} True"]
    assert started.returncode == 3
