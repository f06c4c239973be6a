"""Codes of `verify` itself, and of what is made from its reports."""

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "E-MODULE-UNKNOWN": Explanation(
        "The course has no module of that number.",
        ("a slip of the keys", "another course is chosen"),
        "The message lists the modules that the course has.",
    ),
    "E-MODULE-NEEDS": Explanation(
        "A module of the course needs a check that there is not.",
        ("a slip of the keys in course.yml", "the course was made for a newer mlops-bootstrap"),
        "Correct `needs` of that module in course.yml: areas, or codes of checks.",
    ),
    "E-VERIFY-INSIDE": Explanation(
        "A program of a check failed in the course environment.",
        ("what its last line says", "a package of the environment is damaged"),
        "Run `mlops-bootstrap verify --only environment --deep`: it names damaged files.",
    ),
    "E-DIAGNOSE-DEADLINE": Explanation(
        "A part of the support bundle was not there in time; the others are.",
        ("Docker Engine or a disk hangs", "the machine is very busy"),
        "Send the bundle as it is: that it hangs says a lot.",
    ),
    "E-READ": Explanation(
        "A file that belongs into the support bundle cannot be read.",
        ("it belongs to another user, often after a run with sudo", "it was deleted"),
        "Look who owns it with `ls -l`; never run `mlops-bootstrap` itself with sudo.",
    ),
    "E-OUTPUT": Explanation(
        "A file that a command was asked to write cannot be written; nothing else was done.",
        ("its folder is not there", "the folder belongs to somebody else", "two options name it"),
        "Name a file in a folder that is there and that you may write to.",
    ),
    "E-SIGN-SECRET": Explanation(
        "The file with the secret for signatures cannot be used.",
        (
            "others than its owner can read it",
            "it is empty, or shorter than 16 bytes",
            "it is not there, or another file was named",
        ),
        "Make one with `(umask 077; openssl rand -hex 32 > course.secret)`, or `chmod 600` it.",
    ),
    "E-NO-REPORT": Explanation(
        "`cohort` was given no report that it can read.",
        ("the folder holds none", "the files are damaged, or something else"),
        "Give files that `mlops-bootstrap verify --report FILE` wrote, or the folder with them.",
    ),
    "W-REPORT-DAMAGED": Explanation(
        "A report cannot be read; it was left out and the others were counted.",
        ("it was cut off on its way", "it was edited by hand", "the file may not be read"),
        "Ask for it again: `mlops-bootstrap verify --report FILE`.",
    ),
    "W-REPORT-FOREIGN": Explanation(
        "A file is no report of this class; it was left out and the others were counted.",
        ("another JSON file lies in the folder", "the report is of another course"),
        "Take it out of the folder, or ask that student for the right file.",
    ),
    "W-REPORT-NEWER": Explanation(
        "A report is of a newer mlops-bootstrap; it was left out and the others were counted.",
        ("the student has a newer version than you",),
        "Update mlops-bootstrap where you run `cohort`.",
    ),
}
