"""Codes of the services' proofs: MLflow and Prefect."""

from bootstrap.report.codes.explanation import Explanation

_LOGS = "Run `mlops-bootstrap logs {name}`: its last lines say why."


def _shared(title: str, name: str) -> dict[str, Explanation]:
    """What can happen to any service that is asked to prove itself."""
    prefix, logs = f"E-{name.upper()}", _LOGS.format(name=name)
    return {
        f"{prefix}-UNREACHABLE": Explanation(
            f"{title} does not answer at its address.",
            ("it stopped", "it is still starting", "another program took its port"),
            logs,
        ),
        f"{prefix}-HTTP": Explanation(
            f"{title} answered a request of the proof with an error.",
            ("what its answer says", "its database is not reachable"),
            logs,
        ),
        f"{prefix}-HOST": Explanation(
            f"{title} refused the name by which it was called.",
            ("it lets in 127.0.0.1, localhost and its name among the services only",),
            "Open it as http://127.0.0.1 with its port.",
        ),
        f"{prefix}-ANSWER": Explanation(
            f"What answers at the address of {title} does not speak its protocol.",
            ("another program has the port", "a proxy answers in its place"),
            "See who has the port (`ss -ltnp`), or move the service with `--port`.",
        ),
        f"{prefix}-DEADLINE": Explanation(
            f"{title} did not prove in time that it works.",
            ("the machine is slow or short of memory", "a service hangs"),
            f"{logs} Then run `mlops-bootstrap up` again.",
        ),
    }


CODES = {
    **_shared("MLflow", "mlflow"),
    **_shared("Prefect", "prefect"),
    "E-MLFLOW-ARTIFACTS": Explanation(
        "MLflow does not take artifacts through its server.",
        ("it was started without --serve-artifacts", "its volume is full or not writable"),
        _LOGS.format(name="mlflow"),
    ),
    "E-MLFLOW-PROOF": Explanation(
        "MLflow gave back something else than was written.",
        ("its database or artifact store is damaged",),
        _LOGS.format(name="mlflow"),
    ),
    "E-MLFLOW-LOST": Explanation(
        "A run of an earlier proof is in MLflow's database, and its artifact is gone.",
        ("the volume or folder with the artifacts was emptied or deleted",),
        "Restore it from a copy. `mlops-bootstrap down`, then `up` writes a new proof.",
    ),
    "E-PREFECT-STATE": Explanation(
        "Prefect did not let a flow run go from pending to completed.",
        ("its database is not reachable", "client and server are of different versions"),
        _LOGS.format(name="prefect"),
    ),
    "E-PREFECT-FLOW": Explanation(
        "The worker ran the flow of the proof, and it failed.",
        ("what the lines of its log say", "the worker cannot reach MLflow"),
        _LOGS.format(name="worker"),
    ),
    "E-PREFECT-WORKER": Explanation(
        "No worker is there to run flows.",
        ("the worker stopped", "it cannot reach the Prefect server"),
        _LOGS.format(name="worker"),
    ),
}
