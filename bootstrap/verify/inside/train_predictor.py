"""Trains the model of the deployment lesson on rides that are made up, brings it to MLflow's
registry, and has it fetched from there."""

from __future__ import annotations

import json
import os
import runpy
import sys
from pathlib import Path

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

import mlflow
import sklearn
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

LEADING = {"MLFLOW_REGISTRY_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME"}
"""Variables of a shell that would lead into somebody's own run, or to another server's registry."""

RIDES = [
    {"PU_DO": f"{pickup}_{dropoff}", "trip_distance": abs(pickup - dropoff) + 1.5}
    for pickup in range(1, 9)
    for dropoff in range(1, 9)
]
DURATIONS = [10.0 + index % 7 for index in range(len(RIDES))]


def main(question: Path, answer: Path) -> None:
    """Question: {"experiment": id, "name" to register the model by, "fetch": path of
    fetch_model.py, "folder" to fetch it into}. Answer: {"ride", "prediction" for it, "version"}."""
    asked = json.loads(question.read_text())
    for variable in os.environ.keys() & LEADING:
        del os.environ[variable]
    model = make_pipeline(DictVectorizer(), LinearRegression()).fit(RIDES, DURATIONS)
    with mlflow.start_run(experiment_id=asked["experiment"]):
        mlflow.sklearn.log_model(
            model,
            artifact_path="model",
            registered_model_name=asked["name"],
            # Said, not found out: that takes another process.
            pip_requirements=[f"scikit-learn=={sklearn.__version__}"],
        )
    # What `image build` runs; in this process, for importing mlflow takes seconds.
    fetch = runpy.run_path(asked["fetch"])["fetch"]
    fetched = fetch(f"models:/{asked['name']}/1", Path(asked["folder"]))
    (predicted,) = model.predict(RIDES[:1])
    told = {"ride": RIDES[0], "prediction": float(predicted), "version": fetched["version"]}
    answer.write_text(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
