#!/usr/bin/env bash
# Installs, from Debian, the programs whose files the tests read; without them those tests would be skipped.
set -eu
missing=()
add() { command -v "$1" >/dev/null || missing+=("$2"); }
add bzip2 bzip2
add xz xz-utils
add zstd zstd
[ ${#missing[@]} -eq 0 ] && exit 0
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}"
