#!/usr/bin/env bash
# Takes a server from an older release to the one in this bundle. `belgenet upgrade` of the release that runs starts it when it has
# verified the bundle, install.sh on a server that has an older release: run one of those, not this.
#
# The program comes straight out of the bundle's wheel: an upgrade is the new release's work, and nothing of it is installed yet.
set -euo pipefail
umask 022
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PYTHONDONTWRITEBYTECODE=1

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
wheels=("$here"/wheels/belgenet-*.whl)
start='import sys; sys.path.insert(0, sys.argv.pop(1)); from belgenet.appliance.upgrade.start import main; sys.exit(main())'
exec /usr/bin/python3 -I -c "$start" "${wheels[0]}" --bundle "$here" "$@"
