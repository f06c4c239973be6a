"""The flow that the deep health check has a worker run.

It goes the way that a student's flow goes: picked up by the worker, run in a process of its own,
and, where a tracking server is configured, logged to MLflow with the course's own client.
"""

import os

from prefect import flow, task

EXPERIMENT = "mlops-bootstrap-health"
TRACKED_VALUE = 42.0


@task
def track() -> str:
    """Log a metric from inside the worker and read it back; the id of the run."""
    import mlflow  # here: it takes 2 s, and not every proof tracks

    mlflow.set_experiment(EXPERIMENT)
    with mlflow.start_run(run_name="worker", tags={"mlops-bootstrap.proof": "worker"}) as run:
        mlflow.log_metric("answer", TRACKED_VALUE)
    read = mlflow.get_run(run.info.run_id).data.metrics["answer"]
    if read != TRACKED_VALUE:
        raise ValueError(f"MLflow gave back {read} for {TRACKED_VALUE}")
    return run.info.run_id


@flow(name="mlops-bootstrap-proof", log_prints=True)
def proof() -> None:
    """Reach MLflow if there is one; else prove only that the worker runs a flow."""
    if os.environ.get("MLFLOW_TRACKING_URI"):
        print(f"logged to MLflow as run {track()}")
    else:
        print("no MLFLOW_TRACKING_URI: MLflow is not part of this proof")
