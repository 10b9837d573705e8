#!/bin/bash
# fuzz.sh BUILD [TARGET…]: runs the fuzzers of a build with -DSLUICE_FUZZ=ON, two at a time, FUZZ_SECONDS each
# (default 60). They start from tests/fuzz/corpus; what they find besides stays in BUILD/tests/fuzz. An input that
# fails is kept there, too, and named. Leaks are looked for once, at the end: between inputs, Lua's collector would
# look like one. The last line is "N passed, M failed".
set -u
build=$(cd "${1:?usage: fuzz.sh BUILD [TARGET…]}" && pwd)/tests/fuzz
corpus=$(cd "$(dirname "$0")" && pwd)/corpus
shift
[ $# -gt 0 ] || set -- json pointer apply diff bundle
export UBSAN_OPTIONS=print_stacktrace=1
passed=0 failed=0

start() {
  mkdir -p "$build/$1"
  "$build/fuzz_$1" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=20 -detect_leaks=0 -rss_limit_mb=2048 \
    -max_len=4096 -print_final_stats=1 -artifact_prefix="$build/$1-" "$build/$1" "$corpus/$1" >"$build/$1.log" 2>&1 </dev/null &
}

# finish TARGET PROCESS
finish() {
  if wait "$2"; then
    passed=$((passed + 1))
    printf '%-8s %s inputs tried\n' "$1" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$1.log")"
  else
    failed=$((failed + 1))
    tail -n 60 "$build/$1.log"
    echo "$1: FAILED (run $build/fuzz_$1 with the file named above)"
  fi
}

while [ $# -gt 0 ]; do
  first=$1 second=${2:-}
  start "$first"
  first_process=$!
  if [ -n "$second" ]; then
    start "$second"
    second_process=$!
  fi
  finish "$first" "$first_process"
  [ -z "$second" ] || finish "$second" "$second_process"
  shift $(($# > 1 ? 2 : 1))
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
