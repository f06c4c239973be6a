"""The predictor of the deployment lesson: a model that was pickled, behind Flask."""

import pickle
from pathlib import Path

from flask import Flask, Response, jsonify, request

MODEL = Path(__file__).with_name("model.bin")

vectorizer, model = pickle.loads(MODEL.read_bytes())  # noqa: S301 - we have just made it

app = Flask("duration-prediction")


def predict() -> Response:
    """The duration of a ride in minutes."""
    (duration,) = model.predict(vectorizer.transform([request.get_json()]))
    return jsonify(duration=float(duration))


app.add_url_rule("/predict", view_func=predict, methods=["POST"])
