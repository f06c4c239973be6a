"""Codes of the checks of the area deployment."""

from __future__ import annotations

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "deployment.predictor": Explanation(
        "A model that was pickled is not served by Flask and gunicorn on this machine.",
        (
            "flask, gunicorn or scikit-learn are missing, damaged or of other versions",
            "the machine is short of memory",
        ),
        "`mlops-bootstrap verify --only environment --deep` names what is damaged;"
        " `mlops-bootstrap up` installs it anew.",
    ),
    "deployment.image": Explanation(
        "An image with the predictor cannot be built from the course image, or does not answer in"
        " a container.",
        (
            "the course image was removed, for instance by `docker image prune -a`",
            "Docker's disk is full",
            "Docker cannot publish a port",
        ),
        "`mlops-bootstrap up` builds the course image again; `docker system df` shows what fills"
        " the disk. Image and container of the check are removed, also after it was interrupted.",
    ),
}
