#!/usr/bin/env bash
# Installs the tool from this checkout into a venv here, and puts its command on PATH.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

make_venv .venv scripts/requirements.txt
# A folder with this one command: the rest of the venv would hide the course's own python and pip.
programs=$RUNNER_TEMP/mlops-bootstrap/bin
mkdir -p "$programs"
ln -sf "$PWD/.venv/bin/mlops-bootstrap" "$programs/mlops-bootstrap"
echo "$programs" >>"$GITHUB_PATH"
