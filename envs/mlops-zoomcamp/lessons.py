"""What the lessons of the course call, and newer releases broke: one function a topic.

`mlops-bootstrap lock prove` runs this in the environment, with MLFLOW_TRACKING_URI and
PREFECT_API_URL of servers made from the same lock. An exception fails the proof.
"""

import math
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

EXPERIMENT = "nyc-taxi-experiment"
CATEGORICAL = ["PULocationID", "DOLocationID"]
NUMERICAL = ["trip_distance"]


def taxi(rows: int = 2000, seed: int = 1) -> pd.DataFrame:
    """Trips as the green table has them, prepared as module 1 does it."""
    random = np.random.default_rng(seed)
    distance = random.gamma(2, 1.5, rows)
    pickup = pd.Timestamp("2021-01-01") + pd.to_timedelta(random.integers(0, 2_500_000, rows), "s")
    minutes = 3 + distance * 4 + random.normal(0, 2, rows)
    trips = pd.DataFrame(
        {
            "lpep_pickup_datetime": pickup,
            "lpep_dropoff_datetime": pickup + pd.to_timedelta(minutes, "m"),
            "PULocationID": random.integers(1, 60, rows),
            "DOLocationID": random.integers(1, 60, rows),
            "trip_distance": distance,
        }
    )
    trips["duration"] = trips.lpep_dropoff_datetime - trips.lpep_pickup_datetime
    trips.duration = trips.duration.apply(lambda took: took.total_seconds() / 60)
    trips = trips[(trips.duration >= 1) & (trips.duration <= 60)].copy()
    trips[CATEGORICAL] = trips[CATEGORICAL].astype(str)
    return trips


def vectorized():
    """The vectorizer, and inputs and outputs for training and validation."""
    from sklearn.feature_extraction import DictVectorizer

    vectorizer = DictVectorizer()
    train, valid = taxi(seed=1), taxi(seed=2)
    inputs = train[CATEGORICAL + NUMERICAL].to_dict(orient="records")
    others = valid[CATEGORICAL + NUMERICAL].to_dict(orient="records")
    x_train, x_valid = vectorizer.fit_transform(inputs), vectorizer.transform(others)
    return vectorizer, x_train, train.duration.values, x_valid, valid.duration.values


def module_1_duration_model() -> None:
    """A linear regression over one-hot ids; RMSE by the old spelling and by the new one."""
    import pickle

    import matplotlib as mpl
    import seaborn as sns
    from sklearn.linear_model import Lasso, LinearRegression, Ridge
    from sklearn.metrics import mean_squared_error, root_mean_squared_error

    mpl.use("agg")
    vectorizer, x_train, y_train, x_valid, y_valid = vectorized()
    for kind in (LinearRegression, Lasso, Ridge):
        predicted = kind().fit(x_train, y_train).predict(x_valid)
        old = mean_squared_error(y_valid, predicted, squared=False)
        new = root_mean_squared_error(y_valid, predicted)
        assert math.isfinite(old), old
        assert math.isclose(old, new), (old, new)
    pickle.loads(pickle.dumps((vectorizer, LinearRegression().fit(x_train, y_train))))
    sns.histplot(predicted, kde=True, stat="density")


def module_2_autolog() -> None:
    """scikit-learn logged by itself, found again by search."""
    import mlflow
    from mlflow.entities import ViewType
    from mlflow.tracking import MlflowClient
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.metrics import mean_squared_error

    _, x_train, y_train, x_valid, y_valid = vectorized()
    mlflow.set_experiment(EXPERIMENT)
    mlflow.sklearn.autolog()
    with mlflow.start_run():
        mlflow.set_tag("developer", "proof")
        model = RandomForestRegressor(max_depth=5, n_estimators=5, random_state=0)
        model.fit(x_train, y_train)
        rmse = mean_squared_error(y_valid, model.predict(x_valid), squared=False)
        mlflow.log_metric("rmse", rmse)
    mlflow.sklearn.autolog(disable=True)
    client = MlflowClient()
    assert EXPERIMENT in {found.name for found in client.search_experiments()}
    experiment = client.get_experiment_by_name(EXPERIMENT)
    (best, *_) = client.search_runs(
        experiment_ids=experiment.experiment_id,
        run_view_type=ViewType.ACTIVE_ONLY,
        max_results=5,
        order_by=["metrics.rmse ASC"],
    )
    assert math.isclose(best.data.metrics["rmse"], rmse)
    assert best.data.params["max_depth"] == "5"


def module_2_hyperopt() -> None:
    """A search by hyperopt, each trial a run."""
    import mlflow
    import xgboost as xgb
    from hyperopt import STATUS_OK, Trials, fmin, hp, tpe
    from hyperopt.pyll import scope
    from sklearn.metrics import mean_squared_error

    _, x_train, y_train, x_valid, y_valid = vectorized()
    train = xgb.DMatrix(x_train, label=y_train)
    valid = xgb.DMatrix(x_valid, label=y_valid)
    mlflow.set_experiment(EXPERIMENT)

    def objective(params):
        with mlflow.start_run():
            mlflow.log_params(params)
            booster = xgb.train(
                params=params,
                dtrain=train,
                num_boost_round=5,
                evals=[(valid, "validation")],
                early_stopping_rounds=3,
                verbose_eval=False,
            )
            rmse = mean_squared_error(y_valid, booster.predict(valid), squared=False)
            mlflow.log_metric("rmse", rmse)
        return {"loss": rmse, "status": STATUS_OK}

    space = {
        "max_depth": scope.int(hp.quniform("max_depth", 2, 6, 1)),
        "learning_rate": hp.loguniform("learning_rate", -3, 0),
        "objective": "reg:squarederror",
        "seed": 42,
    }
    state = np.random.default_rng(42)
    best = fmin(objective, space, tpe.suggest, 2, trials=Trials(), rstate=state, verbose=False)
    assert set(best) == {"max_depth", "learning_rate"}


def module_2_optuna() -> None:
    """The homework of 2023: steps of a suggestion are given by position."""
    import optuna
    from optuna.samplers import TPESampler

    def objective(trial):
        params = {
            "n_estimators": trial.suggest_int("n_estimators", 10, 50, 1),
            "max_depth": trial.suggest_int("max_depth", 1, 20, 1),
        }
        return params["max_depth"] / params["n_estimators"]

    study = optuna.create_study(direction="minimize", sampler=TPESampler(seed=42))
    study.optimize(objective, n_trials=3)
    assert study.best_params["n_estimators"] >= 10


def module_2_registry() -> None:
    """xgboost logged with its preprocessor, registered, moved through the stages, loaded back."""
    import pickle

    import mlflow
    import xgboost as xgb
    from mlflow.tracking import MlflowClient

    vectorizer, x_train, y_train, x_valid, y_valid = vectorized()
    train, valid = xgb.DMatrix(x_train, label=y_train), xgb.DMatrix(x_valid, label=y_valid)
    mlflow.set_experiment(EXPERIMENT)
    with mlflow.start_run() as run:
        booster = xgb.train({"max_depth": 4, "objective": "reg:linear"}, train, 10)
        Path("preprocessor.b").write_bytes(pickle.dumps(vectorizer))
        mlflow.log_artifact("preprocessor.b", artifact_path="preprocessor")
        mlflow.xgboost.log_model(booster, artifact_path="models_mlflow")
    uri = f"runs:/{run.info.run_id}/models_mlflow"
    name = "nyc-taxi-regressor"
    version = mlflow.register_model(model_uri=uri, name=name).version
    client = MlflowClient()
    for stage in ("Staging", "Production"):
        client.transition_model_version_stage(
            name=name, version=version, stage=stage, archive_existing_versions=False
        )
    client.update_model_version(name=name, version=version, description="moved by the proof")
    assert [found.version for found in client.get_latest_versions(name, stages=["Production"])] == [
        version
    ]
    client.set_registered_model_alias(name, "champion", version)
    assert client.get_model_version_by_alias(name, "champion").version == version
    loaded = mlflow.xgboost.load_model(f"models:/{name}/Production")
    assert np.allclose(loaded.predict(valid), booster.predict(valid))
    with tempfile.TemporaryDirectory() as folder:
        client.download_artifacts(run.info.run_id, path="preprocessor", dst_path=folder)
        pickle.loads(Path(folder, "preprocessor", "preprocessor.b").read_bytes())


def module_3_flow() -> None:
    """A flow with tasks in the style of 2023, run against the server, with its blocks at hand."""
    import prefect_aws
    import prefect_email
    from prefect import flow, task
    from prefect.artifacts import create_markdown_artifact
    from prefect.client.orchestration import get_client

    assert prefect_aws.S3Bucket
    assert prefect_email.EmailServerCredentials

    @task(retries=3, retry_delay_seconds=2, name="Read taxi data")
    def read_data() -> pd.DataFrame:
        return taxi(200)

    @task(log_prints=True)
    def train(trips: pd.DataFrame) -> float:
        print(f"{len(trips)} trips")
        create_markdown_artifact(key="duration-model-report", markdown="# RMSE")
        return float(trips.duration.mean())

    @flow(name="proof-of-lessons")
    def main_flow() -> float:
        return train(read_data())

    assert 1 < main_flow() < 60
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs()
    assert [run for run in runs if run.state and run.state.is_completed()]


def module_4_web_service() -> None:
    """A pipeline of scikit-learn from the tracking server, behind flask."""
    import mlflow
    from flask import Flask, jsonify, request
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline

    trips = taxi()
    pipeline = make_pipeline(DictVectorizer(), LinearRegression())
    pipeline.fit(trips[CATEGORICAL + NUMERICAL].to_dict(orient="records"), trips.duration)
    mlflow.set_experiment("green-taxi-duration")
    with mlflow.start_run() as run:
        mlflow.sklearn.log_model(pipeline, artifact_path="model")
    model = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    app = Flask("duration-prediction")

    @app.route("/predict", methods=["POST"])
    def predict_endpoint():
        return jsonify({"duration": float(model.predict(request.get_json())[0])})

    ride = {"PULocationID": "10", "DOLocationID": "50", "trip_distance": 4.0}
    answer = app.test_client().post("/predict", json=ride)
    assert answer.status_code == 200, answer.text
    assert 1 < answer.get_json()["duration"] < 60


def module_5_monitoring() -> None:
    """Reports of evidently by its interface of before 0.5, and the driver of PostgreSQL."""
    import joblib
    import psycopg
    import pytz
    from evidently import ColumnMapping
    from evidently.metric_preset import DataDriftPreset
    from evidently.metrics import (
        ColumnDriftMetric,
        ColumnQuantileMetric,
        DatasetDriftMetric,
        DatasetMissingValuesMetric,
    )
    from evidently.report import Report
    from sklearn.linear_model import LinearRegression

    assert psycopg.pq.version()
    assert pytz.timezone("Europe/London").localize(datetime(2021, 1, 1)).tzinfo
    reference, current = taxi(500, seed=3), taxi(500, seed=4)
    model = LinearRegression().fit(reference[NUMERICAL], reference.duration)
    joblib.dump(model, "lin_reg.bin")
    for trips in (reference, current):
        trips["prediction"] = joblib.load("lin_reg.bin").predict(trips[NUMERICAL])
    mapping = ColumnMapping(
        prediction="prediction",
        numerical_features=NUMERICAL,
        categorical_features=CATEGORICAL,
        target=None,
    )
    report = Report(
        metrics=[
            ColumnDriftMetric(column_name="prediction"),
            DatasetDriftMetric(),
            DatasetMissingValuesMetric(),
            ColumnQuantileMetric(column_name="trip_distance", quantile=0.5),
        ]
    )
    report.run(reference_data=reference, current_data=current, column_mapping=mapping)
    drift, dataset, missing, quantile = (found["result"] for found in report.as_dict()["metrics"])
    assert math.isfinite(drift["drift_score"])
    assert dataset["number_of_drifted_columns"] >= 0
    assert missing["current"]["share_of_missing_values"] == 0
    assert quantile["current"]["value"] > 0
    preset = Report(metrics=[DataDriftPreset()])
    columns = [*NUMERICAL, "prediction"]
    preset.run(reference_data=reference[columns], current_data=current[columns])


def module_6_tools() -> None:
    """What the best practices are tested with."""
    import boto3
    from deepdiff import DeepDiff

    assert not DeepDiff({"duration": 21.31}, {"duration": 21.3}, significant_digits=1)
    client = boto3.client("s3", region_name="eu-west-1", endpoint_url="http://localhost:4566")
    assert client.meta.endpoint_url == "http://localhost:4566"
    Path("test_model.py").write_text("def test_model():\n    assert True\n")
    subprocess.run([sys.executable, "-m", "pytest", "-q", "test_model.py"], check=True)


def notebooks() -> None:
    """A notebook of one cell, run by the environment's own kernel and turned into a script."""
    import nbformat
    from nbclient import NotebookClient
    from nbconvert import PythonExporter

    cell = nbformat.v4.new_code_cell("import sys\nprint(sys.prefix)")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    assert notebook.cells[0].outputs[0].text.strip() == sys.prefix
    assert "print(sys.prefix)" in PythonExporter().from_notebook_node(notebook)[0]


def pipenv() -> None:
    """The pipenv of the environment, not one of the system."""
    program = Path(sys.executable).with_name("pipenv")
    said = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
    assert said.stdout.startswith("pipenv, version "), said.stdout


LESSONS = (
    module_1_duration_model,
    module_2_autolog,
    module_2_hyperopt,
    module_2_optuna,
    module_2_registry,
    module_3_flow,
    module_4_web_service,
    module_5_monitoring,
    module_6_tools,
    notebooks,
    pipenv,
)

if __name__ == "__main__":
    for lesson in LESSONS:
        print(f"lesson: {lesson.__name__}", flush=True)
        lesson()
