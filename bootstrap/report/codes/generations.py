"""Codes of generations: going back, going on, and what is kept for that."""

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "E-GENERATION-LOCKS": Explanation(
        "An environment does not have the locks that it was made from, so it cannot be gone back"
        " to: nobody could say what belongs in it.",
        ("it was made by an older mlops-bootstrap", "files inside it were deleted or edited"),
        "Stay with the environment that is current, or run `mlops-bootstrap update`.",
    ),
    "E-HELD-GONE": Explanation(
        "The environment that `rollback` went back to is not on this machine any more.",
        ("its folder was deleted by hand",),
        "Run `mlops-bootstrap update`: it goes on to the environment of the course's locks.",
    ),
    "E-NO-PREVIOUS": Explanation(
        "There is no environment before the current one that `rollback` could go back to.",
        (
            "the course was never updated on this machine",
            "another course was in use before",
            "its folder was deleted by hand",
        ),
        "Nothing has to be done. `mlops-bootstrap update` keeps the environment before.",
    ),
    "E-SCHEMA-NEWER": Explanation(
        "The database was upgraded by a newer MLflow or Prefect than the one that is to serve it."
        " Databases are migrated forward only, so the older one cannot read it.",
        ("`rollback` or an older lock after an update that brought a newer MLflow or Prefect",),
        "Run `mlops-bootstrap update` to go on with the newer one. To use the older environment"
        " without the services, run `mlops-bootstrap down` and then `mlops-bootstrap rollback`.",
    ),
}
