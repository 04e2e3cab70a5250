# Sourced by the scripts, from the root of the checkout: a Python, then .venv with everything Kikao needs.
# shellcheck shell=bash

unset PYTHONHOME PYTHONSAFEPATH  # a caller's settings for another Python would break ours
unset PYTHONDONTWRITEBYTECODE    # where nothing compiled is kept, every start compiles all of it again

find_python() {
  local candidate
  for candidate in python3.14 python3.13 python3.12 python3.11 python3; do
    # Asked, not only looked up: version managers leave shims that cannot run.
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  echo "Kikao needs Python 3.11 or newer, and found none on PATH. Install it (Debian, Ubuntu: apt-get install python3 python3-venv)." >&2
  return 1
}

# prepare runtime | prepare dev: does nothing, quickly and without network, when .venv is already as it should be.
prepare() {
  local python
  python="$(find_python)" || exit 1
  "$python" script/support/environment.py "$1" || exit 1
}
