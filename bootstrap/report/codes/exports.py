"""Codes of exports."""

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "E-EXPORT-COURSE": Explanation(
        "A file for CI names the course by its path in the repository, and it has none.",
        ("the command ran in another folder than the top of the repository",),
        "Run it at the top of the repository that holds the course.",
    ),
    "E-EXPORT-FILE": Explanation(
        "What `export --check` should look at cannot be read.",
        ("a slip in the path", "a folder where the target is one file, or the other way round"),
        "Name the file, or for devcontainer the folder, that an export made.",
    ),
    "E-EXPORT-IMAGE": Explanation(
        "The course names no image on which its environment could be put.",
        ("course.yml has no `base` below `images`",),
        "Add `base:` below `images:`, an image with Python, by its digest.",
    ),
    "E-EXPORT-TOOL": Explanation(
        "A file that installs mlops-bootstrap on another machine has to say from where, at which"
        " commit.",
        (
            "this installation was not made from a git repository",
            "a branch or a tag instead of a commit in full",
            "an address with a password in it",
        ),
        "Give its repository and a commit of 40 hexadecimal digits:"
        " `--tool https://example.org/mlops-bootstrap.git@COMMIT`.",
    ),
}
