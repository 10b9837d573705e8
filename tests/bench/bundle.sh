#!/bin/bash
# bundle.sh [BUILD] [RUNS]: the start of a recipe from its file, from a bundle and as an executable, side by side in one
# run, and the sizes. The goals: an executable adds at most 3 ms, and has at most 4 MiB. Nothing here is asserted.
set -eu
build=$(cd "${1:-$(dirname "$0")/../../build}" && pwd)
runs=${2:-200}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_STATE_HOME=$work/state
cc -O2 -D_GNU_SOURCE -o "$work/timed" "$here/timed.c"
cp "$here/../../scripts/activate_sftp.lua" "$work/recipe.lua"
cd "$work"
"$build/bin/sluice" bundle recipe.lua >&2
"$build/bin/sluice" bundle recipe.lua --exe >&2
"$build/bin/sluice" run --trust --emulate recipe.sluice >/dev/null 2>&1 # not for the first time any more

row() {
  printf '%s\t' "$1"
  shift
  "$work/timed" "$runs" "$@"
}

{
  row "sluice version" "$build/bin/sluice" version
  row "its help, from a file" "$build/bin/sluice" run recipe.lua --help
  row "its help, from a bundle" "$build/bin/sluice" run recipe.sluice --help
  row "its help, as an executable" ./recipe --help
  row "an emulated run, from a file" "$build/bin/sluice" run --emulate recipe.lua
  row "an emulated run, restricted" "$build/bin/sluice" run --restrict --emulate recipe.lua
  row "an emulated run, from a bundle" "$build/bin/sluice" run --emulate recipe.sluice
  row "an emulated run, as an executable" ./recipe --emulate
} 2>/dev/null | awk -F '\t' '{ printf "%-36s%6.2f ms median  %6.2f ms p90  %6.2f ms CPU  %6.1f MiB\n", $1, $2, $3, $4, $5 / 1024 }'
wc -c "$build/bin/sluice" recipe.sluice recipe | awk '$2 != "total" { printf "%-36s%9d bytes\n", $2, $1 }'
