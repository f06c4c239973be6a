"""Codes of the checks of the area orchestration."""

from __future__ import annotations

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "orchestration.server": Explanation(
        "Prefect's server does not answer, cannot read its database, or is of another version"
        " than the prefect package in the environment.",
        (
            "it stopped, is paused or is still starting",
            "its database stopped or is newer than this Prefect",
            "prefect was upgraded or downgraded by hand in the environment",
        ),
        "Run `mlops-bootstrap up`; `mlops-bootstrap logs prefect` says what went wrong.",
    ),
    "orchestration.schema": Explanation(
        "The tables of Prefect's database are not those that the installed Prefect works with.",
        (
            "a newer Prefect once served this database and changed it",
            "the server was not started since an update",
        ),
        "`mlops-bootstrap up` brings an older database up to date; for a newer one"
        " `mlops-bootstrap update` goes back to the newer Prefect.",
    ),
    "orchestration.variable": Explanation(
        "PREFECT_API_URL does not lead to the Prefect server of this machine: flows run against"
        " another server, or ask for a login at Prefect Cloud.",
        (
            "a line in .bashrc or an `export` in this shell sets it to something else",
            "`prefect cloud login` made a profile that leads to the cloud the active one",
            "the file that activates the environment was edited",
        ),
        "Activate the environment in this shell (`mlops-bootstrap status` prints the command);"
        " `prefect profile use local` leaves the cloud. Take the line out of the file that is"
        " named.",
    ),
    "orchestration.flow": Explanation(
        "Prefect's server does not bring a flow run to Completed.",
        (
            "its database is locked or damaged",
            "the disk is full",
        ),
        "`mlops-bootstrap logs prefect` shows the error. What the check made has the name"
        " mlops-bootstrap-verify-... and is removed again.",
    ),
    "orchestration.worker": Explanation(
        "No worker waits for work: what you deploy stays Late or Scheduled for ever.",
        (
            "the worker stopped or lost its server",
            "the work pool is paused",
        ),
        "Run `mlops-bootstrap up`; `mlops-bootstrap logs worker` says what went wrong. A paused"
        " pool goes on with `prefect work-pool resume default`.",
    ),
    "orchestration.deployment": Explanation(
        "The worker did not bring a run of a deployment to Completed.",
        (
            "the worker hangs or is short of memory",
            "the environment of the worker is damaged",
        ),
        "`mlops-bootstrap logs worker` shows why. What the check made has the name"
        " mlops-bootstrap-verify-... and is removed again.",
    ),
}
