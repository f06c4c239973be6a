"""Faults of the environment and of tables. Its files are also those of the shared cache, by hard
links: one that is edited is a copy first."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from bootstrap.generation.installed import COMPLETE
from tests.e2e.machine import Machine
from tests.e2e.verify.fault import Fault

BOTH = ("docker", "native")

TABLE = """
import sys, pyarrow as pa, pyarrow.parquet as parquet
parquet.write_table(pa.table({name: [1] for name in sys.argv[2:]}), sys.argv[1])
"""
YELLOW = (
    "tpep_pickup_datetime", "tpep_dropoff_datetime", "PULocationID", "DOLocationID",
    "trip_distance",
)  # fmt: skip


def in_site(machine: Machine, pattern: str) -> Path:
    (found,) = machine.prefix.glob(f"lib/python3*/site-packages/{pattern}")
    return found


def aside(file: Path) -> Path:
    return file.with_name(f".aside-{file.name}")


def put_back(machine: Machine, *folders: str) -> None:
    """What was moved aside in these folders of the prefix is where it was."""
    for folder in ("lib/python3*/site-packages", *folders):
        for old in machine.prefix.glob(f"{folder}/.aside-*"):
            old.replace(old.with_name(old.name.removeprefix(".aside-")))


def gone(pattern: str) -> Callable[[Machine], Machine]:
    """Something in site-packages that is not there."""

    def inject(machine: Machine) -> Machine:
        file = in_site(machine, pattern)
        file.rename(aside(file))
        return machine

    return inject


def damaged(pattern: str) -> Callable[[Machine], Machine]:
    """A file below the prefix whose first bytes are others: of the same size, and a copy."""

    def inject(machine: Machine) -> Machine:
        (file,) = machine.prefix.glob(pattern)
        file.rename(aside(file))
        content = aside(file).read_bytes()
        file.write_bytes(b"#!! " + content[4:])
        return machine

    return inject


def back(*folders: str) -> Callable[[Machine], None]:
    return lambda machine: put_back(machine, *folders)


def numpy_of_another_version(machine: Machine) -> Machine:
    info = in_site(machine, "numpy-*.dist-info")
    shutil.copytree(info, aside(info))
    info.rename(info.with_name("numpy-2.0.0.dist-info"))
    return machine


def numpy_as_it_was(machine: Machine) -> None:
    shutil.rmtree(in_site(machine, "numpy-2*.dist-info"))
    put_back(machine)


def added_by_hand(machine: Machine) -> Machine:
    info = in_site(machine, "") / "byhand-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: byhand\nVersion: 1.0\n")
    for name in ("RECORD", "INSTALLER"):
        (info / name).touch()
    return machine


def removed_by_hand(machine: Machine) -> None:
    shutil.rmtree(in_site(machine, "byhand-1.0.dist-info"))


def half_installed(machine: Machine) -> Machine:
    marker = machine.prefix / COMPLETE
    marker.rename(marker.with_name("aside"))
    return machine


def whole_again(machine: Machine) -> None:
    (machine.prefix / "aside").rename(machine.prefix / COMPLETE)


def in_bashrc(line: str) -> Callable[[Machine], Machine]:
    def inject(machine: Machine) -> Machine:
        rc = machine.home / ".bashrc"
        shutil.copy(rc, aside(rc))
        with rc.open("a") as opened:
            opened.write(line.replace("HOME", str(machine.home)) + "\n")
        return machine

    return inject


def bashrc_as_it_was(machine: Machine) -> None:
    rc = machine.home / ".bashrc"
    aside(rc).replace(rc)


def mlflow_folder(machine: Machine) -> Machine:
    (machine.home / "code" / "mlflow").mkdir(parents=True)
    (machine.home / "code" / "mlflow" / "__init__.py").touch()
    return in_bashrc("export PYTHONPATH=HOME/code")(machine)


def no_mlflow_folder(machine: Machine) -> None:
    shutil.rmtree(machine.home / "code")
    bashrc_as_it_was(machine)


def written(path: str, text: str) -> Callable[[Machine], Machine]:
    def inject(machine: Machine) -> Machine:
        file = machine.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return machine

    return inject


def unwritten(path: str) -> Callable[[Machine], None]:
    return lambda machine: (machine.home / path).unlink()


KERNEL = ".local/share/jupyter/kernels/python3/kernel.json"
ELSEWHERE = json.dumps({"argv": ["/usr/bin/python3", "-m", "ipykernel_launcher"],
                        "display_name": "base", "language": "python"})  # fmt: skip


def yellow_as_green(machine: Machine) -> Machine:
    file = machine.home / "data" / "green_tripdata_2023-01.parquet"
    file.parent.mkdir(exist_ok=True)
    machine.ok("run", "--", "python", "-c", TABLE, str(file), *YELLOW)
    return machine


FAULTS = (
    Fault(
        "numpy of another version", numpy_of_another_version, numpy_as_it_was,
        failed=("environment.packages",), runtimes=BOTH,
    ),
    Fault(
        "a package without its metadata", gone("tqdm-*.dist-info"), back(),
        failed=("environment.packages",), runtimes=BOTH,
    ),
    Fault(
        "a package that was added by hand", added_by_hand, removed_by_hand,
        warned=("environment.packages",), exit=0, runtimes=BOTH,
    ),
    Fault(
        "an install that was cut off", half_installed, whole_again,
        failed=("environment.installed",), runtimes=BOTH,
    ),
    Fault(
        "a deleted file", gone("six.py"), back(),
        failed=("environment.sizes",), runtimes=BOTH,
    ),
    Fault(
        "numpy's compiled part damaged", damaged("lib/python3*/site-packages/numpy/linalg/_u*.so"),
        back("lib/python3*/site-packages/numpy/linalg"),
        failed=("environment.abi",), runtimes=BOTH,
    ),
    Fault(
        "fastparquet broken", damaged("lib/python3*/site-packages/fastparquet/cencoding*.so"),
        back("lib/python3*/site-packages/fastparquet"),
        failed=("data.parquet",), runtimes=BOTH,
    ),
    Fault(
        "a folder mlflow on PYTHONPATH", mlflow_folder, no_mlflow_folder,
        failed=("environment.shadows",), runtimes=BOTH,
    ),
    Fault(
        "a script named prefect.py", written("prefect.py", ""), unwritten("prefect.py"),
        warned=("environment.shadows",), exit=0, runtimes=BOTH,
    ),
    Fault(
        "an alias for another Python", in_bashrc("alias python=/usr/bin/python3"),
        bashrc_as_it_was, failed=("environment.python",), runtimes=BOTH,
    ),
    Fault(
        "a venv active as well",
        lambda machine: machine.with_variables(VIRTUAL_ENV="/home/student/.venv"),
        warned=("environment.python",), exit=0, runtimes=BOTH,
    ),
    Fault(
        "pip set to another folder", written(".config/pip/pip.conf", "[global]\ntarget = /opt/x\n"),
        unwritten(".config/pip/pip.conf"), failed=("environment.pip",), runtimes=BOTH,
    ),
    Fault(
        "a kernel of another Python", written(KERNEL, ELSEWHERE), unwritten(KERNEL),
        failed=("environment.kernel",), runtimes=BOTH,
    ),
    Fault(
        "a download that was cut off", written("data/trips.parquet", "PAR1 and no more"),
        unwritten("data/trips.parquet"), warned=("data.files",), exit=0, runtimes=BOTH,
    ),
    Fault(
        "yellow taxis in a file of green ones", yellow_as_green,
        unwritten("data/green_tripdata_2023-01.parquet"),
        warned=("data.files",), exit=0, runtimes=BOTH,
    ),
)  # fmt: skip

DEEP_FAULTS = (
    Fault(
        "an edited module", damaged("lib/python3*/site-packages/tqdm/utils.py"),
        back("lib/python3*/site-packages/tqdm"),
        failed=("environment.files",), runtimes=BOTH,
    ),
    Fault(
        "an edited file of conda", damaged("lib/python3*/this.py"), back("lib/python3*"),
        failed=("environment.files",), runtimes=BOTH,
    ),
)  # fmt: skip
"""Those that only `--deep` tells."""
