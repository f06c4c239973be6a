"""Codes of the checks of the area tracking."""

from __future__ import annotations

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "tracking.server": Explanation(
        "MLflow's server does not answer, cannot read its database, or is of another version than"
        " the mlflow package in the environment.",
        (
            "it stopped, is paused or is still starting",
            "its database stopped or is newer than this MLflow",
            "mlflow was upgraded or downgraded by hand in the environment",
        ),
        "Run `mlops-bootstrap up`; `mlops-bootstrap logs mlflow` says what went wrong. Never"
        " upgrade one side alone: they speak the same version's language.",
    ),
    "tracking.schema": Explanation(
        "The tables of MLflow's database are not those that the installed MLflow works with.",
        (
            "a newer MLflow once served this database and changed it",
            "the server was not started since an update",
        ),
        "`mlops-bootstrap up` brings an older database up to date; for a newer one"
        " `mlops-bootstrap update` goes back to the newer MLflow. Nothing brings a database back.",
    ),
    "tracking.roundtrip": Explanation(
        "Something that was written to MLflow did not come back as it was: an experiment, a run,"
        " a metric, an artifact, a model version or an alias.",
        (
            "the disk or the volume with the artifacts is full or cannot be written",
            "the database is damaged",
        ),
        "`mlops-bootstrap logs mlflow` shows the error; `df -h` shows a full disk. What the check"
        " wrote has the name mlops-bootstrap-verify-... and is removed again.",
    ),
    "tracking.variable": Explanation(
        "MLFLOW_TRACKING_URI does not lead to the MLflow server of this machine: runs go"
        " somewhere else, and are not in the web page.",
        (
            "a line in .bashrc or an `export` in this shell sets it to something else",
            "the file that activates the environment was edited",
            "the services moved to other ports after this shell was opened",
        ),
        "Activate the environment in this shell (`mlops-bootstrap status` prints the command)."
        " Take the line out of the file that is named; `mlops-bootstrap up` writes the activation"
        " file anew.",
    ),
    "tracking.page": Explanation(
        "The server answers, and a browser would show an empty page: a script or style that the"
        " page needs does not load.",
        (
            "files of the mlflow package are missing or damaged",
            "another program answers at the port",
        ),
        "`mlops-bootstrap down`, then `mlops-bootstrap up`; natively `mlops-bootstrap verify"
        " --only environment --deep` names the damaged file.",
    ),
    "tracking.deleted-experiment": Explanation(
        "An experiment was deleted. MLflow only hides it and keeps its name: a lesson that uses"
        " the name fails with `Cannot set a deleted experiment`.",
        ("it was deleted in the web page or by delete_experiment",),
        "Restore it with the command that is named, or use another name. `mlflow gc` deletes for"
        " good, runs and artifacts too: look at what it would take first.",
    ),
    "tracking.data": Explanation(
        "Runs or artifacts would not outlive `down`, or are gone already.",
        (
            "the volume or folder with the artifacts was emptied or deleted",
            "a service was started by hand without its volume",
            "a database file was deleted while the server had it open",
        ),
        "`mlops-bootstrap down`, then `mlops-bootstrap up` puts volumes and files in their places"
        " and writes a new proof. What was deleted is lost: train again, or restore a copy.",
    ),
    "tracking.stray-files": Explanation(
        "Runs were written into files of the repository instead of to the server: nobody sees"
        " them in its web page, and they may be committed.",
        (
            "Python was started without activating the environment",
            "a notebook sets a sqlite or file address itself",
        ),
        "Look at them with the command that is named. For new runs activate the environment"
        " first, and take set_tracking_uri out of the notebook. Nothing is deleted for you.",
    ),
}
