#!/bin/bash
# Installs what is missing, builds, and runs one recipe against the emulated service: a whole destination, end to end.
set -eu
# shellcheck source=scripts/prepare.sh
. "$(dirname "$0")/prepare.sh"

say "Sluice in $ROOT"
install_packages "${BUILD_PACKAGES[@]}"
build "$ROOT/build" -DSLUICE_TESTS=OFF
cd "$ROOT"
say "build/bin/sluice run scripts/activate_adobe_campaign.lua --emulate"
exec build/bin/sluice run scripts/activate_adobe_campaign.lua --emulate "$@"
