"""Codes of `lock prove`: what a lock can fail at."""

from bootstrap.report.codes.explanation import Explanation

_TELL = "Tell who made the course, or change the specification, lock again and prove that."

CODES = {
    "E-PROOF-IMPORTS": Explanation(
        "A package of the lock is installed as locked and cannot be imported.",
        ("it does not fit the version of another package", "a library of the system is missing"),
        _TELL,
    ),
    "E-PROOF-INSTALL": Explanation(
        "The install of the lock ended well, and not all of its packages are there.",
        ("two packages write the same files", "a wheel whose metadata say another version"),
        _TELL,
    ),
    "E-PROOF-LESSONS": Explanation(
        "Something that the lessons of the course call does not work with this lock.",
        ("a newer release removed or changed what is called",),
        _TELL,
    ),
    "E-PROOF-MODELS": Explanation(
        "A model could not be trained, logged, registered or loaded back.",
        ("MLflow does not support this version of the library", "client and server differ"),
        _TELL,
    ),
    "E-PROOF-OUTPUT": Explanation(
        "The record of the proof could not be written at its end, so nothing was begun.",
        ("the course is part of an installed package", "the folder belongs to another user"),
        "Say with `--output FILE` where the record goes.",
    ),
    "E-PROOF-SERVER": Explanation(
        "A server that was started from the lock ended by itself.",
        ("it does not fit the version of another package: its last lines say which",),
        _TELL,
    ),
    "E-PROOF-TABLES": Explanation(
        "A table of the course was not read as it was written.",
        ("the two parquet engines, or pandas, do not fit each other",),
        _TELL,
    ),
}
