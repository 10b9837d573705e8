#!/bin/bash
# contract.sh BUILD [FILE…]: the specs of this folder, against `sluice emulate` behind a proxy that checks the traffic
# both ways against Adobe's OpenAPI documents. The proxy lies beside the project and is no part of it: without it, or
# without node and npm, which it needs, everything is skipped. Prints TAP.
set -u
BUILD=$(cd "${1:?usage: contract.sh BUILD [FILE…]}" && pwd)
shift
cd "$(dirname "$0")/../.." || exit 1
[ $# -gt 0 ] || set -- tests/contract
RUN=../shared/contract/run.sh
CONTRACT_STOP=:

skip() {
  echo "ok 1 - the official contract # SKIP $1"
  echo "1..1"
  exit 0
}

[ -x "$RUN" ] || skip "$RUN is not there"
command -v node >/dev/null || skip "the proxy needs node"
command -v npm >/dev/null || skip "the proxy needs npm"

work=$(mktemp -d)
finish() {
  $CONTRACT_STOP 2>/dev/null
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

# Ports of our choice, for the proxy's two and the emulator, which each spec starts anew; others where they are taken.
lines=
for ((i = 0; i < 5 && ${#lines} == 0; i++)); do
  port=$((20000 + RANDOM % 3000 * 4))
  CONTRACT_EMULATOR_PORT=$((port + 2))
  lines=$(PORT=$port OUT="$work" "$RUN" "http://127.0.0.1:$CONTRACT_EMULATOR_PORT" 2>"$work/start.log")
done
if [ -z "$lines" ]; then
  cat "$work/start.log"
  exit 1
fi
eval "$lines"
export CONTRACT_EMULATOR_PORT CONTRACT_BASE CONTRACT_LOG SLUICE="$BUILD/bin/sluice"

LUA_PATH="lua/?.lua;lua/?/init.lua;tests/?.lua;;" LUA_CPATH="$BUILD/lib/?.so;;" \
  lua5.4 "$(command -v busted)" --helper=tests/spec/helper.lua -o TAP "$@"
