"""Codes of course.yml and its locks."""

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "E-COURSE-EXISTS": Explanation(
        "`init` would write a file where something is already. Nothing was written.",
        ("the folder holds a course already", "a file that is called like one of a course"),
        "Choose another folder, or move away what the message names.",
    ),
    "E-COURSE-INVALID": Explanation(
        "course.yml can be read and says something that it must not say.",
        ("a key with a slip", "a value of the wrong kind", "something that is pinned nowhere"),
        "Correct each line that the message names; `mlops-bootstrap schema` helps editors.",
    ),
    "E-COURSE-LOCK-MISSING": Explanation(
        "A lock that the course names is not there or cannot be read.",
        ("course.yml was copied without the files beside it", "the rights of the file"),
        "Copy the lock files beside course.yml.",
    ),
    "E-COURSE-MISSING": Explanation(
        "There is no course file at the given place.",
        ("a slip in --course", "another working folder than expected"),
        "Give a course.yml, its folder, or the name of a shipped course with --course.",
    ),
    "E-COURSE-STACK": Explanation(
        "The course file is valid and lacks something that the services are made of.",
        ("an image without which they cannot start", "a service that is named in another way"),
        "Add what the message names; the shipped course.yml has all of it.",
    ),
    "E-COURSE-SYNTAX": Explanation(
        "course.yml is not YAML.",
        ("indentation", "a missing quote or colon, often on the line before", "tabs"),
        "Correct the YAML at the line that the message names.",
    ),
    "E-COURSE-VERSION": Explanation(
        "course.yml is of a version of the format that this tool does not read.",
        ("the course is newer than the installed mlops-bootstrap", "a slip in `version:`"),
        "Update mlops-bootstrap, or correct `version:`.",
    ),
    "E-LOCK-EDITED": Explanation(
        "A lock is not the one whose sha256 course.yml holds. Nothing of it was used.",
        (
            "it was edited by hand",
            "course.yml and its locks are of different versions of the course",
            "an editor or git changed the ends of its lines",
        ),
        "Take the file from the course again. Is the change meant? Then change the specification"
        " and run `mlops-bootstrap lock`, which writes both.",
    ),
    "E-LOCK-INVALID": Explanation(
        "A lock file is damaged or is no lock file.",
        ("it was edited by hand", "a merge conflict is left in it", "it was cut off in a copy"),
        "Take the file from the course again.",
    ),
    "E-LOCK-PLATFORM": Explanation(
        "The lock holds no packages for this kind of machine.",
        ("the course was locked for another processor only",),
        "Use a machine of a kind that the message lists, or add the platform to the course.",
    ),
    "E-LOCK-UNPINNED": Explanation(
        "A lock names a package without an exact version or without a sha256.",
        ("it was edited by hand", "it was exported without hashes"),
        "Take the file from the course again: as it was made, it pins everything.",
    ),
}
