"""Codes of making locks."""

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "E-LOCK-CONFLICT": Explanation(
        "No set of versions meets everything that a specification asks for.",
        ("two packages need different versions of a third", "a bound that is too tight"),
        "Loosen one of the requirements that the solver's explanation names.",
    ),
    "E-LOCK-HASH-CHANGED": Explanation(
        "A release that is locked is now offered with other files. Nothing was written.",
        (
            "the lock was edited by hand",
            "a file was deleted or replaced where it is published",
            "an index or a channel is not the one that it should be",
        ),
        "Find out what happened before you trust the new files. To take them all the same, remove"
        " the entry from the lock and run `mlops-bootstrap lock` again.",
    ),
    "E-LOCK-NO-PACKAGE": Explanation(
        "A package that a specification asks for is not to be had.",
        (
            "a slip in the name or the version",
            "it is on another channel or index",
            "the snapshot given with --repodata does not hold it",
        ),
        "Correct the line of the specification that the message names.",
    ),
    "E-LOCK-NO-PYTHON": Explanation(
        "Wheels are locked for one exact Python, and the conda packages have none or several.",
        ("environment.yml does not ask for python", "the platforms got different versions"),
        "Ask for an exact version in environment.yml: `python=3.12.13`.",
    ),
    "E-LOCK-NO-SPECIFICATION": Explanation(
        "The course names no file that says what to lock.",
        ("its locks were made with another tool",),
        "Name one in course.yml: `specification: requirements.in` below environment.wheels.",
    ),
    "E-LOCK-NO-WHEEL": Explanation(
        "A package has no wheel that every platform of the course can use. Nothing is compiled at a"
        " student's machine, so its source does not help.",
        (
            "the package is published as source only",
            "it has wheels for one architecture only",
            "its wheels need a newer C library than the course's machines have",
        ),
        "Take another version or another package, or lock for fewer platforms with --platform.",
    ),
    "E-LOCK-SPECIFICATION": Explanation(
        "A specification, environment.yml or requirements.in, cannot be read.",
        ("a slip in its syntax", "wheels in environment.yml", "options in requirements.in"),
        "Correct the line that the message names.",
    ),
    "E-LOCK-YANKED": Explanation(
        "A release that a specification asks for was withdrawn by whoever published it.",
        ("it is broken", "it is unsafe", "it was published by mistake"),
        "Ask for another version.",
    ),
}
