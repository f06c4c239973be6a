"""Trains a model of each library that is there, logs it, registers it, loads it back, predicts."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow
import numpy as np

ROWS = 200


def train_sklearn(inputs: Any, outputs: Any) -> tuple[Any, Any]:
    """A linear regression of scikit-learn, and what it predicts."""
    from sklearn.linear_model import LinearRegression

    model = LinearRegression().fit(inputs, outputs)
    return model, model.predict(inputs)


def train_xgboost(inputs: Any, outputs: Any) -> tuple[Any, Any]:
    """Boosted trees of xgboost by its native interface, and what they predict."""
    import xgboost

    data = xgboost.DMatrix(inputs, label=outputs)
    model = xgboost.train({"max_depth": 3, "objective": "reg:squarederror"}, data, 10)
    return model, model.predict(data)


LIBRARIES: dict[str, Callable[[Any, Any], tuple[Any, Any]]] = {
    "sklearn": train_sklearn,
    "xgboost": train_xgboost,
}


def prove(library: str, inputs: Any, outputs: Any) -> str:
    """Bring a model to the server and back; the name and version under which it is registered."""
    model, predicted = LIBRARIES[library](inputs, outputs)
    name = f"proof-{library}"
    flavour = importlib.import_module(f"mlflow.{library}")
    with mlflow.start_run(run_name=name):
        logged = flavour.log_model(model, artifact_path="model", registered_model_name=name)
    version = mlflow.MlflowClient().get_registered_model(name).latest_versions[0].version
    for uri in (logged.model_uri, f"models:/{name}/{version}"):
        back = mlflow.pyfunc.load_model(uri).predict(inputs)
        if not np.allclose(back, predicted):
            raise SystemExit(f"the {library} model predicts otherwise when loaded from {uri}")
    return f"{name}/{version}"


def main(question: Path, answer: Path) -> None:
    """Question: {"experiment"}. Answer: library -> the registered model."""
    random = np.random.default_rng(0)
    inputs = random.random((ROWS, 3))
    outputs = inputs @ np.array([3.0, -2.0, 1.0]) + random.random(ROWS) / 10
    mlflow.set_experiment(json.loads(question.read_text())["experiment"])
    proven = {}
    for library in LIBRARIES:
        if importlib.util.find_spec(library):
            proven[library] = prove(library, inputs, outputs)
            print(f"{library}: {proven[library]}", flush=True)
    if not proven:
        raise SystemExit(f"none of these libraries is installed: {', '.join(LIBRARIES)}")
    answer.write_text(json.dumps(proven))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
