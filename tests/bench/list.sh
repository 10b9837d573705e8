#!/bin/bash
# list.sh [BUILD] [FLOWS]: a list of dataflows (100,000 unless told) walked with `aep.flows:each`, beside a hundredth and
# a tenth of it, which shows whether memory stays the same, and beside Python's requests. Nothing here is asserted but
# that every dataflow comes, in order.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:-$here/../../build}" && pwd)
flows=${2:-100000}
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null; rm -rf "$work"' EXIT
cc -O2 -D_GNU_SOURCE -o "$work/timed" "$here/timed.c"
python=$(python3 -c 'import requests, sys; print(sys.executable)' 2>/dev/null) ||
  echo "passed over: python-requests (no python3-requests)"
unset "${!AEP_@}"
export HOME="$work" XDG_STATE_HOME="$work" XDG_CONFIG_HOME="$work"
export AEP_ORG_ID=0123456789ABCDEF01234567@AdobeOrg AEP_CLIENT_ID=client AEP_CLIENT_SECRET=secret AEP_SCOPES=openid
cd "$here/../.."
export LUA_PATH="tests/?.lua;;" LUA_CPATH="$build/lib/?.so;;"

# serve FLOWS: a server of so many, in place of the one before; its address is in $url.
serve() {
  [ -z "${server:-}" ] || kill "$server"
  rm -f "$work/url"
  lua5.4 tests/bench/peers/flows_server.lua "$1" >"$work/url" &
  server=$!
  while ! url=$(grep -o 'http://.*' "$work/url"); do sleep 0.05; done
}

row() { # row NAME FLOWS COMMAND…
  printf '%s\t%s\t' "$1" "$2"
  STDERR="$work/errors" "$work/timed" 1 "${@:3}" || { cat "$work/errors" >&2; exit 1; }
}

walk() { # walk FLOWS: as Sluice does it
  serve "$1"
  row "aep.flows:each" "$1" "$build/bin/sluice" run --base-url "$url" --ims-url "$url" tests/bench/peers/walk.lua "$1"
}

{
  walk $((flows / 100))
  walk $((flows / 10))
  walk "$flows"
  [ -z "${python:-}" ] || row "Python requests" "$flows" "$python" tests/bench/peers/walk.py "$url" "$flows"
} | awk -F '\t' '
  BEGIN { printf "%-18s %9s %9s %9s %9s\n", "", "flows", "wall s", "CPU s", "peak MiB" }
  { printf "%-18s %9d %9.2f %9.2f %9.1f\n", $1, $2, $3 / 1e3, $5 / 1e3, $6 / 1024 }'
