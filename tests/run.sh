#!/bin/bash
# Installs what is missing, builds, and runs all tests. The last line is "N passed, M failed".
set -eu
# shellcheck source=scripts/prepare.sh
. "$(dirname "$0")/../scripts/prepare.sh"

say "Sluice in $ROOT"
install_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
build "$ROOT/build" -DSLUICE_TESTS=ON
exec "$ROOT/tests/suites.sh" "$ROOT/build"
