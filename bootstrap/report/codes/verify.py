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
}
