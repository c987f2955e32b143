#!/usr/bin/env bash
# Installs BelgeNet on this server from the bundle that this file lies in, without a network. Running it again repairs, and
# changes nothing when there is nothing to repair.
#
#   sudo ./install.sh [--answers FILE] [--yes] [--check] [--lang tr|en] [--signers FILE | --fingerprint SHA256:...]
#
#   sudo ./install.sh --restore-from FOLDER|s3:https://...|sftp://... --kit FILE|- [--at TIME] [--copy NAME] [--from-dump]
#                     [--accept-missing] [--list]
#
# --answers      YAML or JSON: belgenet_domain, belgenet_admin_email, belgenet_tls_mode and whatever else /etc/belgenet/site.yml may say
# --yes          asks nothing; what has no answer is taken from the defaults or is an error
# --check        verifies the bundle and looks at the server, changes nothing
# --signers      file with the keys whose releases you accept (ssh-keygen's "allowed signers")
# --fingerprint  the key's fingerprint, as you were given it by another way than this bundle
# --restore-from brings an institution back from its backups, on an empty server
# --kit          file with the recovery key (the kit as text, or the key alone); - asks for it
# --at           the database as it was then, 2026-11-22T14:45:00+03:00; without it, as it was last
# --copy         the database out of an earlier copy elsewhere, with the files and settings of the backup in it
# --list         says which backups and copies there are, and ends
# --from-dump    from the weekly portable dump, for a server with a newer PostgreSQL; with --at, the newest before that
# --accept-missing  goes on without files that are lost, and names them
#
# Exit codes: 0 done; 2 usage; 3 not root; 4 another command at work; 10 files altered; 11 signature wrong; 12 unknown signer; 13 wrong operating
# system; 14 the server is not fit; 15 downgrade or a skipped release; 16 signature cannot be checked; 20 the installation failed.
# Restoring: 30 the key is mistyped; 31 no backup there; 32 another key; 33 damaged or cut off; 34 another release is needed;
# 35 another PostgreSQL; 36 files are lost; 37 the server is not empty; 38 not all is as it was; 39 that place is not reached, or lets nobody in.
set -euo pipefail
umask 022
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PYTHONDONTWRITEBYTECODE=1
unset PYTHONPATH PYTHONHOME PIP_INDEX_URL ANSIBLE_CONFIG CDPATH

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
base=/opt/belgenet
site=/etc/belgenet/site.yml
namespace=belgenet-release
server_lock=/run/belgenet-server.lock memory=/run
answers='' signers='' fingerprint='' yes='' check='' language=''
restore_from='' kit='' restore_words=() look_words=() listing=''
scratch=$(mktemp -d)
found='' copied='' handbook=''
trap 'rm -rf "$scratch" "$found"; remove_own_place' EXIT
# shellcheck source=installer/bundle.sh
source "$here/installer/bundle.sh"
# shellcheck source=installer/release.sh
source "$here/installer/release.sh"

# say TURKISH ENGLISH: in the administrator's language.
say() { if [[ $language == tr ]]; then printf '%b\n' "$1"; else printf '%b\n' "$2"; fi; }

# fail CODE TURKISH ENGLISH
fail() {
  local code=$1
  shift
  say "HATA: $1" "ERROR: $2" >&2
  exit "$code"
}

# The lock of all commands that change the server (belgenet apply, upgrade, backup ...): taken by the kernel's flock, with a note of
# who has it. What is started from here and takes it for itself needs it free: leave_server_lock.
take_server_lock() {
  local holder
  (umask 077 && : >>"$server_lock")
  exec 8<>"$server_lock"
  if ! flock -w 2 8; then
    holder=$(sed -n 's/^{"verb": "\([^"]*\)", "since": "\([^"]*\)".*/belgenet \1 (\2)/p' "$server_lock")
    fail 4 "Sunucuda başka bir komut çalışıyor${holder:+: $holder}. Bitmesini bekleyip yeniden deneyiniz." \
      "Another command of the server is at work${holder:+: $holder}. Wait until it has ended, then try again."
  fi
  printf '{"verb": "install", "since": "%s", "pid": %d}' "$(date -u +%Y-%m-%dT%H:%M:%S+00:00)" $$ >"$server_lock"
}

# Keys that a killed run has left in memory; who has the lock knows that nobody uses them.
sweep_memory() { rm -rf "$memory"/belgenet-restore.??????; }

leave_server_lock() {
  { : >&8; } 2>/dev/null || return 0
  : >"$server_lock"
  exec 8>&-
}

usage() {
  sed -n '5,24s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
  exit "$1"
}

read_arguments() {
  case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in tr*) language=tr ;; *) language=en ;; esac
  while [[ $# -gt 0 ]]; do
    case $1 in
      --answers | --signers | --fingerprint | --lang | --restore-from | --kit | --at | --copy)
        [[ $# -ge 2 ]] || usage 2 >&2
        case $1 in
          --answers) answers=$2 ;;
          --signers) signers=$2 ;;
          --fingerprint) fingerprint=$2 ;;
          --lang) language=$2 ;;
          --restore-from) restore_from=$2 ;;
          --kit) kit=$2 ;;
          --at) restore_words+=(--at "$2") ;;
          --copy) look_words+=(--copy "$2") ;;
        esac
        shift
        ;;
      --yes) yes=1 ;;
      --check) check=1 ;;
      --list) look_words+=(--list) listing=1 ;;
      --from-dump | --accept-missing) restore_words+=("$1") ;;
      -h | --help) usage 0 ;;
      *) usage 2 >&2 ;;
    esac
    shift
  done
  [[ $language == tr || $language == en ]] || usage 2 >&2
  [[ -z $signers || -z $fingerprint ]] || usage 2 >&2
  if [[ -n $restore_from ]]; then [[ -n $kit && -z $answers ]] || usage 2 >&2; else
    [[ -z $kit && ${#restore_words[@]} == 0 && ${#look_words[@]} == 0 ]] || usage 2 >&2
  fi
  [[ $restore_from == s3:* || $restore_from == sftp:* || -z $restore_from ]] || restore_from=$(realpath -m -- "$restore_from")
  local file
  for file in "$answers" "$signers" "${kit#-}"; do
    [[ -z $file || -r $file ]] || fail 2 "$file okunamıyor." "Cannot read $file."
  done
}

# fact NAME: a word from the manifest, before there is anything that reads JSON.
fact() { sed -n "s/^ \"$1\": \"\([^\"]*\)\",\{0,1\}$/\1/p" "$here/manifest.json"; }

# --- is this server fit? --------------------------------------------------------------------------------------------

# Sets `python`: the server's, or one unpacked beside it for as long as this runs, so that looking changes nothing.
find_python() {
  python=(/usr/bin/python3 -I)
  if "${python[@]}" -c 'import json, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then return; fi
  local package minor
  minor=$(fact python)
  for package in "python$minor-minimal" "libpython$minor-minimal" "libpython$minor-stdlib" libexpat1 zlib1g; do
    dpkg-deb --extract "$here"/debs/"${package}"_*.deb "$scratch/python"
  done
  export LD_LIBRARY_PATH=$scratch/python/usr/lib/x86_64-linux-gnu PYTHONHOME=$scratch/python/usr
  python=("$scratch/python/usr/bin/python$minor")
}

# The device is there for everybody; it opens for those who sit at one.
has_terminal() { { : </dev/tty; } 2>/dev/null; }

# ask QUESTION [DEFAULT]; fails when the input ends instead of an answer.
ask() {
  local reply
  read -r -p "$1 " reply </dev/tty || return
  printf '%s' "${reply:-${2:-}}"
}

# Sets `found`: a folder in memory with the key and what the chosen backup says of itself. Nothing is installed for that: the
# program that reads the repository is unpacked beside this one, our own code runs out of its package.
look_at_backup() {
  local code=0 wheel=("$here"/wheels/belgenet-*.whl)
  found=$(mktemp -d -p "$memory" belgenet-restore.XXXXXX)
  if [[ $kit != - ]]; then
    cp -- "$kit" "$found/typed"
  elif [[ -t 0 ]]; then
    ask "$(say 'Kurtarma anahtarı (14 öbek):' 'Recovery key (14 groups):')" >"$found/typed"
  else
    cat >"$found/typed"
  fi
  mkdir -p "$scratch/programs/usr/bin"
  if [[ -d $here/debs ]]; then dpkg-deb --extract "$here"/debs/restic_*.deb "$scratch/programs"; fi
  "${python[@]}" -B -c 'import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), None, "__main__")' \
    "${wheel[0]}" belgenet.appliance.restore.look --from "$restore_from" --key-file "$found/typed" --bundle "$here" \
    --programs "$scratch/programs/usr/bin" --out "$found" --lang "$language" "${restore_words[@]}" "${look_words[@]}" || code=$?
  rm -f "$found/typed"
  [[ $code == 0 ]] || exit "$code"
}

# Sets `wanted`: the file with the operator's answers, which becomes site.yml.
collect_answers() {
  if [[ -n $restore_from ]]; then
    wanted=$found/site.yml
    return
  fi
  wanted=$site
  if [[ -s $site ]]; then
    if [[ -n $answers ]] && ! cmp -s "$answers" "$site"; then
      say "$site zaten var, o kullanılıyor; $answers dikkate alınmadı." "$site is there already and is used; $answers is not."
    fi
    return
  fi
  wanted=$scratch/site.yml
  if [[ -n $answers ]]; then
    cp "$answers" "$wanted"
  elif [[ -n $yes ]] || ! has_terminal || ! ask_three >"$wanted"; then
    fail 2 "Yanıt yok: --answers DOSYA veriniz ya da $site dosyasını yazınız." "No answers: give --answers FILE or write $site."
  fi
}

ask_three() {
  local domain email mode
  domain=$(ask "$(say 'Kurumun alan adı (ör. belgenet.kurum.edu.tr):' 'Domain (for example belgenet.institution.org):')") || return
  email=$(ask "$(say 'Yöneticinin e-posta adresi:' "The administrator's e-mail address:")") || return
  mode=$(ask "$(say 'TLS sertifikası: self_signed (deneme), acme_http01, internal_acme, provided, internal_ca [self_signed]:' \
    'TLS certificate: self_signed (trial), acme_http01, internal_acme, provided, internal_ca [self_signed]:')" self_signed) || return
  printf '%s\n' "# BelgeNet: what is particular about this server. Run install.sh again after a change." \
    "belgenet_domain: $(quoted "$domain")" "belgenet_admin_email: $(quoted "$email")" "belgenet_tls_mode: $(quoted "$mode")"
}

# quoted TEXT: as a value of YAML that means itself, whatever is in it.
quoted() {
  local mark="'"
  printf '%s' "'${1//$mark/$mark$mark}'"
}

look_at_server() {
  local code=0 words=(--site "$wanted" --lang "$language" --handbook "$handbook")
  [[ -z $restore_from ]] || words+=(--restoring)
  "${python[@]}" -B "$here/preflight.py" "${words[@]}" || code=$?
  case $code in
    0) ;;
    13 | 14 | 15) exit "$code" ;;
    *) fail 14 "Ön denetim çalışamadı ($code)." "The preflight check could not run ($code)." ;;
  esac
}

# Where an older release runs, this bundle upgrades it, as `belgenet upgrade` would: nothing is restarted before the new release is
# ready, and the old one comes back if it does not do.
hand_over() {
  local installed
  installed=$(readlink "$base/current" || true)
  [[ -n $installed && ${installed##*/} != "$(fact version)" ]] || return 0
  leave_server_lock # the upgrade takes it, and this process waits for it; it removes our copy of the bundle, too
  rm -rf "$scratch"
  local code=0 copy=$copied
  copied='' # whoever ends this process does not end the upgrade, which needs it
  systemd-run --quiet --collect --wait --pipe --service-type=exec --unit=belgenet-upgrade --property=KillMode=mixed \
    --property=TimeoutStopSec=20 --property=MemoryMax=75% --property=TasksMax=2048 \
    -- "$here/upgrade.sh" --lang "$language" ${copy:+--incoming "$copy"} || code=$?
  if [[ $code != 0 ]] && ! upgrade_needs_copy; then
    copied=$copy
    remove_own_place
  fi
  exit "$code"
}

# It runs, or is to be taken up again; not where systemd could not start it.
upgrade_needs_copy() {
  [[ -e /var/lib/belgenet/upgrade/unfinished ||
    $(systemctl show --property=ActiveState --value belgenet-upgrade 2>/dev/null) =~ ^(active|activating|deactivating|reloading)$ ]]
}

refuse_unfinished() {
  [[ ! -e /var/lib/belgenet/upgrade/unfinished ]] || fail 4 \
    "Yarıda kalmış bir yükseltme var. Önce: belgenet upgrade --resume" "An upgrade was cut short. First: belgenet upgrade --resume"
}

# --- the installation -----------------------------------------------------------------------------------------------

start_log() {
  install -d -m 750 /var/log/belgenet
  log=/var/log/belgenet/install-$(date -u +%Y%m%dT%H%M%SZ).log
  : >"$log"
  chmod 640 "$log"
  exec 3>&1 > >(tee -a "$log" 8>&- 9>&-) 2>&1
}

keep_answers() {
  install -d -m 755 /etc/belgenet
  [[ $wanted == "$site" ]] || install -m 600 "$wanted" "$site"
}

run_playbook() {
  say "Sunucu yapılandırılıyor ..." "Configuring the server ..."
  cd "$release/bundle/ansible/deploy"
  LC_ALL=C.UTF-8 ANSIBLE_CONFIG=$PWD/ansible.cfg ANSIBLE_NOCOLOR=1 ANSIBLE_LOCAL_TEMP=$scratch/ansible \
    "$release/ansible/venv/bin/ansible-playbook" -i inventories/local/hosts.yml site.yml \
    -e "@$site" -e "belgenet_release=$(fact version)" </dev/null || fail 20 \
    "Kurulum tamamlanamadı. Nedeni yukarıda ve $log dosyasında yazılıdır; giderdikten sonra yeniden çalıştırmak güvenlidir." \
    "The installation did not finish. The reason stands above and in $log; running this again after removing it is safe."
}

# The release's own code brings the data back, runs the playbook on the way, and compares.
run_restore() {
  local code=0
  say "Kurum geri yükleniyor ..." "Bringing the institution back ..."
  leave_server_lock # that command takes it
  "$release/venv/bin/belgenet" restore --lang "$language" run --from "$restore_from" --found "$found" "${restore_words[@]}" \
    </dev/null || code=$?
  [[ $code != 3 ]] || code=4 # its word for another command at work
  [[ $code == 0 ]] || {
    say "Günlük: $log" "Log: $log" >&2
    exit "$code"
  }
}

# Printed before anything else is done with the server: a backup that nobody can open is none.
hand_over_kit() {
  local file=/root/belgenet-recovery-kit.pdf reply
  [[ -e $file ]] || "$release/venv/bin/belgenet" kit --lang "$language" print --pdf "$file" </dev/null || return 0
  if [[ -z $yes ]] && has_terminal; then
    reply=$(ask "$(say "Kiti şimdi yazdırıp Enter'a basınız (sonraya bırakmak için: s):" 'Print the kit now, then press Enter (later: s):')") || reply=s
    if [[ -z $reply ]]; then
      "$release/venv/bin/belgenet" kit --lang "$language" confirm </dev/tty && return
    fi
  fi
  say "Kurtarma kiti henüz onaylanmadı. Yazdırdıktan sonra: sudo belgenet kit confirm" \
    "The recovery kit is not confirmed yet. After printing it: sudo belgenet kit confirm"
}

# answer NAME: a plain value of site.yml.
answer() {
  "$release/venv/bin/python" -I -c 'import sys, yaml; print((yaml.safe_load(open(sys.argv[1], encoding="utf-8")) or {}).get(sys.argv[2], ""))' "$site" "$1"
}

finish() {
  local domain
  leave_server_lock # people are asked now, and may take their time
  domain=$(answer belgenet_domain)
  say "\nBelgeNet $(fact version) çalışıyor: https://$domain\nGünlük: $log" \
    "\nBelgeNet $(fact version) is running: https://$domain\nLog: $log"
  [[ -z $restore_from ]] || return 0
  invite
  [[ -z $first ]] || hand_over_kit
}

# As long as nobody can sign in to the console: the link that opens it. It is a secret, so the log does not get it.
invite() {
  local link email
  email=$(answer belgenet_admin_email)
  link=$(/usr/local/sbin/belgenet user invite --unless-any --email "$email" --locale "$language" 2>>"$log")
  [[ -n $link ]] || return 0
  say "\nYönetim panelini açan bağlantı ($email; bir kez, 48 saat geçerli):\n$link" \
    "\nThis link opens the console ($email; good once, for 48 hours):\n$link" >&3
}

main() {
  read_arguments "$@"
  [[ $EUID == 0 ]] || fail 3 "Bu programı root olarak çalıştırınız: sudo ./install.sh" "Run this as root: sudo ./install.sh"
  exec 9>/run/belgenet-install.lock
  flock -n 9 || fail 4 "Başka bir kurulum sürüyor." "Another installation is running."
  know_own_place
  take_server_lock
  sweep_memory
  refuse_unfinished
  work_from_own_place "$@"
  verify_signature
  verify_files
  verify_system
  find_python
  [[ -z $restore_from ]] || look_at_backup
  [[ -z $listing ]] || return 0
  collect_answers
  look_at_server
  [[ -z $check ]] || return 0
  unset LD_LIBRARY_PATH PYTHONHOME
  hand_over
  start_log
  trap 'say "HATA: beklenmeyen bir sorun, bkz. $log" "ERROR: something unexpected, see $log"; exit 20' ERR
  set -E
  keep_answers
  place_bundle
  install_python
  make_venv "$release/ansible/venv" "$release/bundle/ansible/requirements.txt" "$release/bundle/ansible/wheels"
  make_venv "$release/venv" "$release/bundle/requirements.txt" "$release/bundle/wheels"
  if [[ -n $restore_from ]]; then run_restore; else
    run_playbook
    restart_renewed
  fi
  finish
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then main "$@"; fi
