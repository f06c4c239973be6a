#!/usr/bin/env bash
# Says what the course's locks are called, and by which key the tool's cache of them is kept.
# Takes COURSE; gives the outputs digest, key and path.
set -euo pipefail

# Exports say in their first lines which locks they are made from, and need nothing installed.
digest=$(mlops-bootstrap export requirements --course "$COURSE" | sed -n 's/^# locks: *sha256://p')
# Another uv or rattler may keep its cache in another way, so the tool's own pins are in the key.
pins=$(sha256sum "$GITHUB_ACTION_PATH/scripts/requirements.txt")
{
  echo "digest=$digest"
  echo "key=mlops-bootstrap-$RUNNER_OS-$RUNNER_ARCH-$digest-${pins:0:12}"
  echo "path=${XDG_CACHE_HOME:-$HOME/.cache}/mlops-bootstrap"
} >>"$GITHUB_OUTPUT"
