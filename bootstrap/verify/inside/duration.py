"""The model of module 1: trips from a parquet file, one-hot ids, a linear regression, its RMSE."""

from __future__ import annotations

import inspect
import json
import math
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn import metrics
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LinearRegression

ROWS = 2000
CATEGORICAL, NUMERICAL = ["PULocationID", "DOLocationID"], ["trip_distance"]
PICKUP, DROPOFF = "lpep_pickup_datetime", "lpep_dropoff_datetime"


def write_trips(file: Path, seed: int) -> None:
    """Trips as the green table has them, whose duration follows from the distance."""
    random = np.random.default_rng(seed)
    distance = random.gamma(2, 1.5, ROWS)
    pickup = pd.Timestamp("2021-01-01") + pd.to_timedelta(random.integers(0, 2_500_000, ROWS), "s")
    minutes = 3 + distance * 4 + random.normal(0, 2, ROWS)
    trips = pd.DataFrame(
        {
            PICKUP: pickup,
            DROPOFF: pickup + pd.to_timedelta(minutes, "m"),
            "PULocationID": random.integers(1, 60, ROWS),
            "DOLocationID": random.integers(1, 60, ROWS),
            "trip_distance": distance,
        }
    )
    trips.to_parquet(file, index=False)


def read_trips(file: Path) -> pd.DataFrame:
    """Prepared as the lesson does it."""
    trips = pd.read_parquet(file)
    trips["duration"] = (trips[DROPOFF] - trips[PICKUP]).dt.total_seconds() / 60
    trips = trips[(trips.duration >= 1) & (trips.duration <= 60)].copy()  # noqa: PLR2004 - the lesson's
    trips[CATEGORICAL] = trips[CATEGORICAL].astype(str)
    return trips


def errors(wanted: Any, predicted: Any) -> dict[str, float]:
    """The root mean squared error, by each way of writing it that this scikit-learn has."""
    found = {"mean_squared_error": math.sqrt(metrics.mean_squared_error(wanted, predicted))}
    if "squared" in inspect.signature(metrics.mean_squared_error).parameters:
        old = metrics.mean_squared_error(wanted, predicted, squared=False)
        found["mean_squared_error(squared=False)"] = float(old)
    if hasattr(metrics, "root_mean_squared_error"):
        found["root_mean_squared_error"] = float(metrics.root_mean_squared_error(wanted, predicted))
    return found


def main(question: Path, answer: Path) -> None:
    """Answer: {"rmse": minutes, "rows": how many were predicted, "spellings": list}."""
    tables = []
    for seed, part in enumerate(("train", "valid")):
        file = question.parent / f"green_{part}.parquet"
        write_trips(file, seed)
        tables.append(read_trips(file))
    train, valid = tables
    features = CATEGORICAL + NUMERICAL
    vectorizer = DictVectorizer()
    x_train = vectorizer.fit_transform(train[features].to_dict(orient="records"))
    x_valid = vectorizer.transform(valid[features].to_dict(orient="records"))
    model = LinearRegression().fit(x_train, train.duration.values)
    found = errors(valid.duration.values, model.predict(x_valid))
    rmse = found["mean_squared_error"]
    if not all(math.isclose(rmse, other) for other in found.values()):
        raise SystemExit(f"the ways of writing the error do not agree: {found}")
    if not rmse < valid.duration.std():  # NaN is not below it, either
        raise SystemExit(f"an error of {rmse} minutes: the model learned nothing")
    told = {"rmse": rmse, "rows": len(valid), "spellings": sorted(found)}
    answer.write_text(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
    # Read through pandas, a thread of Arrow may still hold the Python file, and aborts or hangs the
    # interpreter that ends beside it, once in some hundred runs: apache/arrow#34314, #50482.
    sys.stdout.flush()
    os._exit(0)
