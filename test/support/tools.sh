#!/usr/bin/env bash
# Installs what tests compare with and would be skipped without: packing programs from Debian, and the Python package
# datasketches into the directory that is named.
set -eu
missing=()
add() { command -v "$1" >/dev/null || missing+=("$2"); }
add bzip2 bzip2
add xz xz-utils
add zstd zstd
python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
# Servers of packages fail now and then.
patiently() {
  for pause in 2 5 15; do
    "$@" && return
    sleep "$pause"
  done
  "$@"
}
if [ ${#missing[@]} -gt 0 ]; then
  patiently apt-get update -qq
  patiently apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
python3 -m venv "$1"
patiently "$1/bin/pip" install --quiet --disable-pip-version-check datasketches==5.2.0
