# The predictor of the deployment lesson on the course image: nothing is downloaded.
ARG BASE
FROM ${BASE}

# First, so that also what a build left that was killed can be told by it.
ARG MADE
LABEL mlops-bootstrap.verify=${MADE}

COPY predict.py /app/
COPY model /app/model/
WORKDIR /app
EXPOSE 9696
# The base runs as a user without rights, by its number. A worker imports MLflow before it answers,
# which takes longer than gunicorn's 30 s where the machine is busy.
ENTRYPOINT ["gunicorn", "--bind=0.0.0.0:9696", "--worker-tmp-dir=/dev/shm", "--timeout=180", \
    "predict:app"]
