"""Codes of the checks of the area deployment."""

from __future__ import annotations

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "deployment.predictor": Explanation(
        "A model was trained, but could not be logged to MLflow, registered and fetched from its"
        " registry, or is not served from there by Flask and gunicorn on this machine.",
        (
            "mlflow, flask, gunicorn or scikit-learn are missing, damaged or of other versions",
            "the machine is short of memory",
            "MLflow's disk is full",
        ),
        "`mlops-bootstrap verify --only environment --deep` names what is damaged;"
        " `mlops-bootstrap up` installs it anew; `mlops-bootstrap logs mlflow` shows what MLflow"
        " refused. Experiment and model of the check have the name mlops-bootstrap-verify-... and"
        " are removed again.",
    ),
    "deployment.image": Explanation(
        "An image with the predictor and a model out of MLflow's registry cannot be built from the"
        " course image, or does not answer in a container.",
        (
            "the course image was removed, for instance by `docker image prune -a`",
            "Docker's disk is full",
            "Docker cannot publish a port",
        ),
        "`mlops-bootstrap up` builds the course image again; `docker system df` shows what fills"
        " the disk. Image and container of the check are removed, also after it was interrupted.",
    ),
}
