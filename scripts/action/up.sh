#!/usr/bin/env bash
# Brings the runner up, and lets the steps after this one work in the course environment.
# Takes COURSE and RUNTIME; gives the output prefix.
set -euo pipefail

mlops-bootstrap up --course "$COURSE" --runtime "$RUNTIME" --yes --plain

inside() { mlops-bootstrap run -- "$@"; }
prefix=$(inside printenv CONDA_PREFIX)
echo "prefix=$prefix" >>"$GITHUB_OUTPUT"
inside env --null | grep --null-data -E '^(CONDA_PREFIX|MLFLOW_TRACKING_URI|PREFECT_API_URL)=' |
  tr '\0' '\n' >>"$GITHUB_ENV"
# First the environment's programs, then the others of the course, such as docker-compose; the
# runner puts each line before those that it has.
path=$(inside printenv PATH)
IFS=: read -r environment others _ <<<"$path"
printf '%s\n' "$others" "$environment" >>"$GITHUB_PATH"
