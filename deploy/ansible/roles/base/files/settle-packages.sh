#!/usr/bin/env bash
# Brings to its end what dpkg was cut off at: the power went, the SSH line, or somebody killed it. apt refuses to work until that is done.
#
#   settle-packages.sh [--look] [apt's options ...]      --look changes nothing
#
# Says what it settled, or with --look what there is to settle; nothing, when all packages are as they should be. Another apt that is at
# work is waited for. What cannot be settled here is left alone: whoever installs packages next is told why.
set -euo pipefail
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
admin=${DPKG_ADMINDIR:-/var/lib/dpkg}
ours=${BELGENET_APT_SOURCE:-/etc/apt/sources.list.d/belgenet.sources}
look=''
if [[ ${1:-} == --look ]]; then
  look=1
  shift
fi

# dpkg's notes of a run that did not end, and packages that are neither there nor gone.
unsettled() {
  find "$admin/updates" -mindepth 1 -name '[0-9]*' -printf 'dpkg was interrupted\n' | sort -u
  dpkg-query -W -f '${db:Status-Abbrev} ${binary:Package}\n' | grep -E '^(.[UFHWt]|..R)' || true
}

# The old version of a file that somebody changed stays, as when nobody can be asked.
configure() {
  local said code try
  for ((try = 0; try < 60; try++)); do
    code=0
    said=$(dpkg --force-confdef --force-confold --configure -a 2>&1 </dev/null) || code=$?
    [[ $code == 2 && $said == *lock* ]] || break
    sleep 5
  done
  printf '%s\n' "$said" >&2
}

before=$(unsettled)
[[ -n $before ]] || exit 0
if [[ -n $look ]]; then
  printf '%s\n' "$before"
  exit 0
fi
configure
if [[ -n $(unsettled) ]]; then
  # What was not unpacked yet, and others need. From the release's packages: other sources may be out of reach.
  if [[ $# == 0 && -e $ours ]]; then set -- "-oDir::Etc::SourceList=$ours" -oDir::Etc::SourceParts=/dev/null; fi
  apt-get -qq "$@" -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef \
    -o Dpkg::Options::=--force-confold --fix-broken --no-install-recommends -y install >&2 </dev/null || true
fi
LC_ALL=C comm -23 <(LC_ALL=C sort <<<"$before") <(unsettled | LC_ALL=C sort)
