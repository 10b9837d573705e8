#!/bin/bash
# patch.sh [BUILD] [ROUNDS]: JSON Patch and JSON beside the libraries of others, in one run, as ratios of CPU time (of
# wall time where a language has no other). Every result is checked. A contestant that is not there is named and passed
# over: fast-json-patch and rfc6902 come from npm into the cache folder; nlohmann-json3-dev and python3-jsonpatch are
# Debian packages. ONLY=diff limits the tasks. Nothing here is asserted.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:-$here/../../build}" && pwd)
rounds=${2:-3}
peers=$here/peers
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LUA_PATH="$here/../?.lua;;" LUA_CPATH="$build/lib/?.so;;"
export PEERS="${XDG_CACHE_HOME:-$HOME/.cache}/sluice-bench"
declare -A command missing best verdict

add() { # add COMMAND CONTESTANT…
  local name
  for name in "${@:2}"; do command[$name]=$1; done
}

miss() { # miss WHY CONTESTANT…
  local name
  echo "passed over: $(printf '%s ' "${@:2}")($1)"
  for name in "${@:2}"; do missing[$name]=1; done
}

add "lua5.4 $peers/lua.lua" sluice sluice-keyed lua-cjson
add "node $peers/node.mjs" fast-json-patch fast-json-patch-copying rfc6902 node-json
add "$work/nlohmann" nlohmann nlohmann-copying
add "python3 $peers/python.py" python-jsonpatch python-json

if ! node --version >/dev/null 2>&1; then
  miss "no node" fast-json-patch fast-json-patch-copying rfc6902 node-json
elif ! [ -d "$PEERS/node_modules/rfc6902" ] &&
  ! npm install --silent --no-audit --no-fund --prefix "$PEERS" fast-json-patch@3 rfc6902@5 >/dev/null 2>&1; then
  miss "npm cannot install them" fast-json-patch fast-json-patch-copying rfc6902
fi
c++ -std=c++17 -O2 -o "$work/nlohmann" "$peers/nlohmann.cpp" 2>/dev/null ||
  miss "no C++ compiler or no nlohmann-json3-dev" nlohmann nlohmann-copying
python3 -c 'import jsonpatch' 2>/dev/null || miss "no python3-jsonpatch" python-jsonpatch
python3 --version >/dev/null 2>&1 || miss "no python3" python-json

# run TASK CONTESTANT: keeps the best time, judges the first result.
run() {
  local place="$1 $2" seconds
  rm -f "$work/out"
  # shellcheck disable=SC2086 # a command is a program and its script
  if ! seconds=$(timeout 120 ${command[$2]} "$2" "$work" "$1" 2>"$work/err"); then
    verdict[$place]="FAILED: $(grep -m 1 -i 'error' "$work/err" | cut -c -60)"$'\t'
    return
  fi
  [ -n "${verdict[$place]:-}" ] || verdict[$place]=$(lua5.4 "$peers/judge.lua" "$work" "$1")
  best[$place]=$(printf '%s\n' "$seconds" "${best[$place]:-$seconds}" | sort -g | head -n 1)
}

# show TASK CONTESTANT…: the table of a task; the ratio says how many times Sluice's time it took.
show() {
  local task=$1 name place
  shift
  for name in "$@"; do
    place="$task $name"
    [ -n "${verdict[$place]:-}" ] || continue
    printf '%s\t%s\t%s\t%s\n' "$name" "${best[$place]:--}" "${best[$task $1]:--}" "${verdict[$place]}"
  done | awk -F '\t' -v task="$task" '
    BEGIN { printf "%-26s %12s %9s %11s  result\n", task, "ms", "ratio", "operations" }
    $2 == "-" { printf "  %-24s %12s %9s %11s  %s\n", $1, "-", "-", "-", $4; next }
    { printf "  %-24s %12.4f %9.2f %11s  %s\n", $1, $2 * 1e3, $2 / $3, $5, $4 }'
}

# task NAME CONTESTANT…: all of them take turns, ROUNDS times.
task() {
  local name
  case $1 in *"${ONLY:-}"*) ;; *) return 0 ;; esac
  for ((round = 0; round < rounds; round++)); do
    for name in "${@:2}"; do
      [ -n "${missing[$name]:-}" ] || case ${verdict[$1 $name]:-} in FAILED*) ;; *) run "$1" "$name" ;; esac
    done
  done
  show "$@"
}

lua5.4 "$peers/prepare.lua" "$work"
appliers="sluice fast-json-patch fast-json-patch-copying rfc6902 nlohmann nlohmann-copying python-jsonpatch"
differs="sluice sluice-keyed fast-json-patch rfc6902 nlohmann python-jsonpatch"
# shellcheck disable=SC2086 # lists of names
{
  task apply-flow $appliers
  task apply-selectors $appliers
  task diff-flow $differs
  task diff-selectors $differs
}
task decode-flows lua-cjson sluice python-json node-json nlohmann
task encode-flows lua-cjson sluice python-json node-json nlohmann
