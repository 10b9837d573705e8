#!/bin/bash
# setup.sh [BUILD] [RUNS]: the set-up of a destination beside the same calls in C, curl and Python, in one run: wall
# time, CPU time and memory of the client, one set-up and a hundred, over plain http, over TLS and HTTP/2 (nghttpx), and
# that at a true round trip of 50 ms (a relay). A contestant that is not there is named and passed over. Every result is
# checked, nothing about time is asserted.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:-$here/../../build}" && pwd)
runs=${2:-15}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for program in timed peers/relay; do cc -O2 -D_GNU_SOURCE -o "$work/${program##*/}" "$here/$program.c"; done
cc -O2 -D_GNU_SOURCE -o "$work/chain" "$here/peers/chain.c" -lcurl

python=$(python3 -c 'import requests, sys; print(sys.executable)' 2>/dev/null) ||
  echo "passed over: python-requests (no python3-requests)"
unset "${!AEP_@}" REQUESTS_CA_BUNDLE CURL_CA_BUNDLE
export HOME="$work" XDG_STATE_HOME="$work" XDG_CONFIG_HOME="$work"
export AEP_ORG_ID=0123456789ABCDEF01234567@AdobeOrg AEP_CLIENT_ID=client AEP_CLIENT_SECRET=secret AEP_SCOPES=openid
export AWS_SECRET_ACCESS_KEY=exampleexampleexampleexampleexampleexamp
cd "$here/../.."
export LUA_PATH="lua/?.lua;lua/?/init.lua;tests/?.lua;;" LUA_CPATH="$build/lib/?.so;;"
lua5.4 tests/bench/setup.lua "$work" "$build/bin/sluice" "$runs" "${python:-}"
