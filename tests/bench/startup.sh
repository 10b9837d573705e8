#!/bin/bash
# startup.sh [BUILD] [RUNS]: time and memory from start to the first line of Lua, beside its neighbours, in one run.
# The goal is at most 5 ms and 8 MiB. Nothing here is asserted.
set -eu
build=$(cd "${1:-$(dirname "$0")/../../build}" && pwd)
runs=${2:-200}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -O2 -D_GNU_SOURCE -o "$work/timed" "$(dirname "$0")/timed.c"
echo 'print "first line"' >"$work/plain.lua"
echo 'local sluice = require "sluice"' >"$work/library.lua"

row() {
  printf '%s\t' "$1"
  shift
  "$work/timed" "$runs" "$@"
}

{
  row "true" true
  row "lua5.4 FILE" lua5.4 "$work/plain.lua"
  row "sluice FILE" "$build/bin/sluice" "$work/plain.lua"
  row "sluice FILE that requires sluice" "$build/bin/sluice" "$work/library.lua"
  row "sluice version" "$build/bin/sluice" version
  row "sluice help run" "$build/bin/sluice" help run
} | awk -F '\t' '{ printf "%-36s%6.2f ms median  %6.2f ms p90  %6.1f MiB\n", $1, $2, $3, $5 / 1024 }'
