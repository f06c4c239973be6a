"""What the supervisor is told, read by the supervisor's own parser and run by a real shell."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from bootstrap.runtimes.native.stack import SERVICES, NativeStack

PARSED = """
import sys
from supervisor.options import ServerOptions
options = ServerOptions()
options.realize(["-c", sys.argv[1]])
for group in options.process_group_configs:
    for process in group.process_configs:
        print(group.name, process.name, process.command, process.stdout_logfile, sep="\\t")
"""


def test_supervisord_reads_what_is_written_for_it(stack: NativeStack) -> None:
    stack.logs.mkdir(parents=True)
    stack.data.mkdir()
    stack.configuration.write_text(stack.config)
    argv = (sys.executable, "-W", "error", "-c", PARSED, str(stack.configuration))
    said = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=stack.folder).stdout
    rows = [line.split("\t") for line in said.splitlines() if "\t" in line]
    assert {name: group for group, name, *_ in rows} == dict(stack.groups)
    for _, name, command, log in rows:
        assert command.endswith(f"sh ../{name}.sh")
        assert log == f"logs/{name}.log"


def test_a_service_gets_another_group_with_what_it_is_started_with(stack: NativeStack) -> None:
    moved = replace(stack, ports={"mlflow": 5002, "prefect": 4201})
    changed = {name for name in SERVICES if stack.groups[name] != moved.groups[name]}
    assert changed == {"mlflow", "worker"}  # the worker is told where MLflow is
    assert stack.programs(1234)[2].digest != stack.programs(0)[2].digest
    assert replace(stack).groups == stack.groups


def test_everything_is_open_to_this_machine_only(stack: NativeStack) -> None:
    told = {p.name: p.variables for p in stack.programs(1234)}
    assert told["mlflow"]["MLFLOW_HOST"] == told["prefect"]["PREFECT_SERVER_API_HOST"]
    assert told["mlflow"]["MLFLOW_HOST"] == "127.0.0.1"
    assert told["worker"]["PREFECT_WORKER_WEBSERVER_HOST"] == "127.0.0.1"
    for variables in told.values():
        assert not [v for v in variables.values() if "://" in v and "127.0.0.1" not in v
                    and not v.startswith("sqlite")]  # fmt: skip
