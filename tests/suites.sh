#!/bin/bash
# suites.sh BUILD [SUITE…]: runs the test suites against a finished build; all of them unless some are named:
#   unit (cmocka)   spec, conformance, e2e, lint (busted under Lua 5.4)   property (random cases, see tests/property)
#   campaign (set-ups and changes under random faults, see tests/campaign)
#   contract (the traffic against Adobe's OpenAPI documents; skipped, with a line that says why, where they are not)
# Failures are shown in full, successes as one line a suite. The last line is "N passed, M failed[, K skipped]".
# WRAP is put before each unit test and before lua5.4 (valgrind …); LUA_PRELOAD is preloaded into lua5.4 (a sanitizer).
set -u
BUILD=$(cd "${1:?usage: suites.sh BUILD [SUITE…]}" && pwd)
shift
cd "$(dirname "$0")/.." || exit 1
[ $# -gt 0 ] || set -- unit spec conformance property campaign e2e contract lint

export LUA_PATH="lua/?.lua;lua/?/init.lua;tests/?.lua;;" LUA_CPATH="$BUILD/lib/?.so;;"
export SLUICE="$BUILD/bin/sluice" SLUICE_BUILD="$BUILD" CMOCKA_MESSAGE_OUTPUT=TAP
unset "${!AEP_@}"
OUTPUT=$(mktemp)
XDG_STATE_HOME=$(mktemp -d) # where tokens are kept
export XDG_STATE_HOME
trap 'rm -rf "$OUTPUT" "$XDG_STATE_HOME"' EXIT
passed=0 failed=0 skipped=0

# tally NAME CODE: counts the TAP in $OUTPUT. A program that ended badly without a failed test counts as one.
tally() {
  local name=$1 code=$2 good bad skip
  skip=$(grep -c '^ok .*# SKIP' "$OUTPUT")
  good=$(($(grep -c '^ok ' "$OUTPUT") - skip))
  bad=$(grep -c '^not ok ' "$OUTPUT")
  if [ "$bad" = 0 ] && { [ "$code" != 0 ] || [ "$good$skip" = 00 ]; }; then
    bad=1
    echo "not ok - $name ended with code $code" | tee -a "$OUTPUT"
    tail -n 40 "$OUTPUT"
  elif [ "$bad" != 0 ]; then
    awk '/^ok / || /^1\.\./ { show = 0; next } /^not ok / { show = 1 } show' "$OUTPUT"
  fi
  printf '%-34s %5d passed  %3d failed\n' "$name" "$good" "$bad"
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + skip))
}

run_unit() {
  local program
  for program in "$BUILD"/tests/test_*; do
    [ -x "$program" ] || continue
    ${WRAP:-} "$program" >"$OUTPUT" 2>&1 </dev/null
    tally "unit ${program##*/test_}" $?
  done
}

# run_busted FOLDER: one process for all specs of the folder.
run_busted() {
  [ -n "$(find "tests/$1" -name '*_spec.lua' 2>/dev/null)" ] || return
  LD_PRELOAD=${LUA_PRELOAD:-} ${WRAP:-} lua5.4 "$(command -v busted)" --helper=tests/spec/helper.lua -o TAP "tests/$1" \
    >"$OUTPUT" 2>&1 </dev/null
  tally "$1" $?
}

# Takes SEED, COUNT and the others from the environment; the seed is shown, so that a failure can be repeated.
run_property() {
  LD_PRELOAD=${LUA_PRELOAD:-} ${WRAP:-} lua5.4 tests/property/run.lua >"$OUTPUT" 2>&1 </dev/null
  set -- $?
  grep -m 1 '^# SEED' "$OUTPUT"
  tally property "$1"
}

# The same settings; 300 cases unless COUNT says otherwise.
run_campaign() {
  COUNT=${COUNT:-300} LD_PRELOAD=${LUA_PRELOAD:-} ${WRAP:-} lua5.4 tests/campaign/run.lua >"$OUTPUT" 2>&1 </dev/null
  set -- $?
  grep -E '^# (SEED|[0-9]+ faults)' "$OUTPUT"
  tally campaign "$1"
}

run_contract() {
  tests/contract/contract.sh "$BUILD" >"$OUTPUT" 2>&1 </dev/null
  set -- $?
  sed -n 's/^ok .* # SKIP /# contract is skipped: /p' "$OUTPUT"
  tally contract "$1"
}

for suite in "$@"; do
  case $suite in
  unit | property | campaign | contract) "run_$suite" ;;
  *) run_busted "$suite" ;;
  esac
done
echo "$passed passed, $failed failed$([ $skipped = 0 ] || echo ", $skipped skipped")"
[ $failed = 0 ] && [ $passed -gt 0 ]
