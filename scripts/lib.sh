# Shared by scripts/up and scripts/test: a venv of this checkout, made from hashed pins.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Debian packages that are missing of those named, installed; nothing is asked of apt otherwise.
need_packages() {
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed || missing+=("$name")
  done
  [ ${#missing[@]} = 0 ] && return
  say "installing Debian packages: ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}" >/dev/null
}

# The first Python of this machine that the tool runs on.
find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
      printf '%s' "$candidate"
      return
    fi
  done
  say "no Python 3.11, 3.12 or 3.13 on this machine: install one, or name it with PYTHON=..."
  return 1
}

# make_venv FOLDER REQUIREMENTS: a venv with just these pins and this checkout. Cheap when it is there.
make_venv() {
  local folder=$1 requirements=$2 python wanted
  wanted=$(cat "$requirements" pyproject.toml scripts/lib.sh | sha256sum)
  [ "$(cat "$folder/.made-from" 2>/dev/null)" = "$wanted" ] && return
  python=$(find_python)
  "$python" -c 'import ensurepip' 2>/dev/null || need_packages python3-venv
  say "making $folder with $("$python" --version)"
  "$python" -m venv --clear "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
    --only-binary :all: --no-deps -r "$requirements"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
    --no-build-isolation --editable .
  printf '%s' "$wanted" >"$folder/.made-from"
}
