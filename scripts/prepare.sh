# shellcheck shell=bash
# Sourced by scripts/demo.sh, tests/run.sh and .ci/run: installs what is missing and builds. Needs no terminal.
# shellcheck disable=SC2034 # the lists of packages are used by those who source this

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

BUILD_PACKAGES=(gcc libc6-dev cmake ninja-build pkg-config liblua5.4-dev lua-cjson-dev lua-argparse
  lua-check libcurl4-openssl-dev libssl-dev libmicrohttpd-dev libedit-dev libzip-dev zlib1g-dev ca-certificates)
TEST_PACKAGES=(lua5.4 openssl lua-cjson lua-busted libcmocka-dev nghttp2-proxy tmux curl unzip)
CHECK_PACKAGES=(clang-format clang-tidy shellcheck valgrind zsh fish mandoc)
FUZZ_PACKAGES=(clang libclang-rt-14-dev)

say() {
  echo "== $*" >&2
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
    echo "neither root nor sudo: install these packages first: ${*:4}" >&2
    return 1
  fi
}

# Installs those of the Debian packages that are missing; does nothing when all are there.
install_packages() {
  local missing=() package
  if ! command -v dpkg-query >/dev/null; then
    say "no Debian: expecting what these packages hold to be installed: $*"
    return
  fi
  for package in "$@"; do
    case $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) in *' installed') ;; *) missing+=("$package") ;; esac
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get update -q >/dev/null || return 1
  as_root apt-get install -y -q --no-install-recommends "${missing[@]}" </dev/null >/dev/null
}

# build FOLDER [CMAKE OPTION…]: says little unless it fails.
build() {
  local folder=$1 log
  shift
  say "building in $folder"
  mkdir -p "$folder"
  log=$folder/build.log
  if ! { cmake -S "$ROOT" -B "$folder" -G Ninja "$@" && cmake --build "$folder" -j "$(nproc)"; } >"$log" 2>&1; then
    cat "$log" >&2
    say "the build failed; the lines above are in $log"
    return 1
  fi
}
