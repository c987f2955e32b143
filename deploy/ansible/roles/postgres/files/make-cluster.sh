#!/usr/bin/env bash
# Makes the database cluster where there is none, and says so. Cut off meanwhile, it begins anew: what initdb has half made would be
# taken for a cluster.
#
#   make-cluster.sh [--look] MARK DATA SETTINGS UNIT COMMAND...      --look changes nothing
#
# MARK is there while data that nobody has used yet is being made. A cluster of before an uninstallation (data, and no settings) is kept.
set -euo pipefail
look=''
if [[ $1 == --look ]]; then
  look=1
  shift
fi
mark=$1 data=$2 settings=$3 unit=$4
shift 4
if [[ -e $settings/postgresql.conf && ! -e $mark ]]; then exit 0; fi
echo "$data"
[[ -z $look ]] || exit 0
if [[ -e $mark ]]; then
  systemctl stop "$unit" # the server was switched on meanwhile
  rm -rf "$settings"
  [[ ! -d $data ]] || find "$data" -mindepth 1 -delete # the folder itself may be a disk of its own
fi
if [[ ! -e $data/PG_VERSION ]]; then
  : >"$mark"
  sync "$mark" "$(dirname "$mark")"
fi
"$@" >&2
rm -f "$mark"
