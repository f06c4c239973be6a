"""Codes of the checks of the area environment."""

from __future__ import annotations

from bootstrap.report.codes.explanation import Explanation

_ANEW = (
    "Paste the command that the message gives: it removes what says that these packages are"
    " installed, and what uv's cache holds of them (its files are the same files, by hard links),"
    " and `up` then brings them anew."
)

CODES = {
    "environment.installed": Explanation(
        "The course environment is not installed, not complete, or another one is in use.",
        ("`up` was not run, or was interrupted", "its folder was deleted or moved"),
        "Run `mlops-bootstrap up`: it goes on where it stopped.",
    ),
    "environment.packages": Explanation(
        "The installed packages are not those that the course pins.",
        (
            "`pip install` upgraded or replaced one (numpy 2 breaks modules made for numpy 1)",
            "a package was removed, or added by hand (a warning: nothing else may need it)",
        ),
        "Run `mlops-bootstrap up`: it brings back what is pinned. It leaves what was added; the"
        " message gives the line that uninstalls it.",
    ),
    "environment.sizes": Explanation(
        "Files of installed packages are gone, or have another size than when they came.",
        ("a file was deleted or edited", "the disk was full while something wrote there"),
        _ANEW,
    ),
    "environment.modules": Explanation(
        "The environment's Python does not find a module where its package put it.",
        ("a file or folder of the same name lies before it", "a `.pth` file changes the path"),
        "Remove what the message names. `mlops-bootstrap verify --only environment --deep` reads"
        " every file, `--imports` imports every module.",
    ),
    "environment.abi": Explanation(
        "numpy, pandas and pyarrow cannot be imported, or do not understand each other's data.",
        (
            "numpy was upgraded under packages that were compiled for an older one",
            "a compiled file is damaged",
        ),
        "`mlops-bootstrap verify --only environment --deep` names damaged files, and how they are"
        " had anew; a package of another version is for `mlops-bootstrap up`.",
    ),
    "environment.files": Explanation(
        "Files of installed packages were changed: their sha256 is not the recorded one.",
        ("a file was edited in place, as a try", "the disk or a copy of it is damaged"),
        _ANEW,
    ),
    "environment.imports": Explanation(
        "A module of an installed package cannot be imported.",
        ("a library of the system is missing", "a package needs another version of another one"),
        "Read the error that the message gives. If it names a library (`libgomp.so.1`), install"
        " it; otherwise run `mlops-bootstrap up`, and tell who made the course if it stays.",
    ),
    "environment.python": Explanation(
        "After the environment is activated, `python` is another one, or does not start.",
        (
            "an alias or a function of that name in an rc file",
            "PYTHONHOME is set, by which no Python finds its own library but one",
            "another environment is active as well (a warning): conda's base, or a venv",
        ),
        "Remove the line of ~/.bashrc that does it, and open a new shell.",
    ),
    "environment.shadows": Explanation(
        "`import` takes a file of yours instead of the package of that name.",
        (
            "a folder `mlflow` or a file `prefect.py` lies in a folder on PYTHONPATH",
            "`pip install --user` put another version below ~/.local, which comes first",
            "a script has the name of a package (a warning: it matters in its own folder)",
        ),
        "Rename your file or folder (`mlflow_data`), or take its folder from PYTHONPATH.",
    ),
    "environment.pip": Explanation(
        "pip is set to install somewhere else than into the environment.",
        ("`target`, `prefix` or `user` in a pip.conf", "a variable such as PIP_TARGET"),
        "Take the setting away: `python -m pip config list` shows all of them.",
    ),
    "environment.kernel": Explanation(
        "Notebooks would run in another Python than the environment's.",
        (
            "`ipykernel install --user` was run in another environment: that kernel comes first",
            "the environment's own kernel was removed",
        ),
        "Remove the folder of the kernel that the message names, and choose the kernel anew in"
        " open notebooks.",
    ),
}
