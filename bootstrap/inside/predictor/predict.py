"""A predictor: the MLflow model in the folder `model` beside this file, behind Flask.

    gunicorn predict:app

POST /predict takes JSON, an object or a list of rows, and answers {"predictions": [...]}, one for
each row. A row is an object of the model's inputs by name, or a list of them in order. What it has
to hold is what the model's signature says; a model without a signature gets objects as they are, as
the pipelines of the course want them, and lists as one array.

GET /health answers {"status": "ok"} once the model is loaded. Everything else is answered with
{"error": reason}: 400 where the input is no JSON or does not fit the model.
"""

import io
import json
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import mlflow
import numpy as np
from flask import Flask, Response, jsonify, request
from mlflow.pyfunc.scoring_server import infer_and_parse_data, predictions_to_json
from werkzeug.exceptions import BadRequest, HTTPException

REASON_LENGTH = 300

mlflow.tracing.disable()  # what it would trace goes to a server, or into a database made here
# Without a look for its requirements, which goes through every file of the environment: that takes
# longer than loading it.
model = mlflow.pyfunc.load_model(str(Path(__file__).with_name("model")), suppress_warnings=True)

app = Flask("predictor")


def predict() -> Response:
    """The predictions for the rows of a request."""
    rows = _rows()
    try:
        predictions = model.predict(_fit(rows))
    except Exception as error:  # each library says in its own way what is unfit
        app.logger.exception("unfit for the model")
        said = " ".join(str(error).split())[:REASON_LENGTH]
        raise BadRequest(f"unfit for the model: {type(error).__name__}: {said}") from error
    text = io.StringIO()
    predictions_to_json(predictions, text)
    return Response(text.getvalue(), mimetype="application/json")


def _rows() -> list[Any]:
    try:
        asked = json.loads(request.get_data())
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"not JSON: {error}") from error
    rows = [asked] if isinstance(asked, dict) else asked
    if not isinstance(rows, list) or not rows:
        raise BadRequest("neither an object nor a list of rows")
    return rows


def _fit(rows: list[Any]) -> Any:
    """The rows as the model takes them; read by its signature, as `mlflow models serve` does."""
    schema = model.metadata.get_input_schema()
    if schema is None:
        return rows if all(isinstance(row, dict) for row in rows) else np.array(rows)
    written_as = "inputs" if schema.is_tensor_spec() else "dataframe_records"
    return infer_and_parse_data({written_as: rows}, schema)


def health() -> Response:
    """That the model is loaded."""
    return jsonify(status="ok")


def refuse(error: HTTPException) -> tuple[Response, int]:
    """An error of HTTP as JSON; one of ours that nobody foresaw comes as 500 and tells nothing."""
    return jsonify(error=error.description), error.code or 500


app.add_url_rule("/predict", view_func=predict, methods=["POST"])
app.add_url_rule("/health", view_func=health)
app.register_error_handler(HTTPException, refuse)
