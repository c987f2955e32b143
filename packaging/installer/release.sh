# shellcheck shell=bash disable=SC2154
# Sourced by install.sh: the release's folder, with the bundle and the Python environments that are made from it.

place_bundle() {
  first=''
  [[ -e $base/current ]] || first=1
  release=$base/releases/$(fact version)
  install -d -m 755 "$base" "$base/releases" "$release"
  [[ $here != "$release/bundle" ]] || return 0
  if cmp -s "$here/SHA256SUMS" "$release/bundle/SHA256SUMS" && (cd "$release/bundle" && sha256sum --check --status SHA256SUMS) &&
    [[ -z $(unlisted "$release/bundle") ]]; then return; fi
  say "Paket $release klasörüne kopyalanıyor ..." "Copying the bundle to $release ..."
  rm -rf "$release/bundle.new"
  cp -r --no-preserve=ownership,timestamps "$here" "$release/bundle.new"
  chmod -R u=rwX,go=rX "$release/bundle.new"
  rm -rf "$release/bundle.old"
  [[ ! -e $release/bundle ]] || mv "$release/bundle" "$release/bundle.old"
  mv "$release/bundle.new" "$release/bundle"
  rm -rf "$release/bundle.old"
}

# What the playbooks themselves stand on; all other packages are theirs to install.
install_python() {
  local package missing=()
  for package in python3 python3-venv python3-apt; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  say "Paketler kuruluyor: ${missing[*]} ..." "Installing ${missing[*]} ..."
  mkdir -p "$scratch/apt/partial"
  echo "deb [trusted=yes] file:$release/bundle/debs ./" >"$scratch/sources.list"
  local only=(-qq "-oDir::Etc::SourceList=$scratch/sources.list" -oDir::Etc::SourceParts=/dev/null
    "-oDir::State::lists=$scratch/apt" -oAPT::Sandbox::User=root -oDir::Cache::pkgcache= -oDir::Cache::srcpkgcache=)
  apt-get "${only[@]}" update
  {
    bash "$release/bundle/ansible/deploy/roles/base/files/settle-packages.sh" "${only[@]}" # a run before this one may have been killed
    DEBIAN_FRONTEND=noninteractive apt-get "${only[@]}" install -y --no-install-recommends -o Dpkg::Use-Pty=0 \
      -o DPkg::Lock::Timeout=300 "${missing[@]}"
  } >"$scratch/apt.out" 2>&1 || { cat "$scratch/apt.out"; false; }
}

# files_of note|check FOLDER: writes down all files of the environment; names those that are not as they were. By the release's own code,
# out of its wheel.
files_of() {
  local wheel=("$here"/wheels/belgenet-*.whl)
  /usr/bin/python3 -I -B -c 'import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), None, "__main__")' \
    "${wheel[0]}" belgenet.appliance.installed "$@"
}

# make_venv FOLDER REQUIREMENTS WHEELS: only what the lock file allows, only from the bundle. Notes in FOLDER.renewed that files were altered.
# It is made beside the old one, which services may be running from, and gets the paths of its place before it goes there. All of it is
# compiled, so that nobody, root included, writes into it when it runs: FOLDER.files says what is in it, and nothing else may be.
make_venv() {
  local stamp altered new=$1.new
  stamp=$(sha256sum <"$2")
  # The power went between two of the moves below.
  [[ -e $1 || ! -e $1.old ]] || mv "$1.old" "$1"
  [[ -e $new || ! -e $new.files ]] || mv -f "$new.files" "$1.files"
  rm -rf "$1.old"
  if [[ $(cat "$1/.complete" 2>/dev/null) == "$stamp" ]]; then
    if altered=$(files_of check "$1"); then return; fi
    say "$1 içindeki dosyalar değişmiş, yeniden kuruluyor:" "Files in $1 were altered; it is made anew:"
    head -n 5 <<<"$altered"
    : >"$1.renewed"
  fi
  say "Python ortamı hazırlanıyor: $1 ..." "Making the Python environment $1 ..."
  rm -rf "$new.files" "$new"
  /usr/bin/python3 -m venv --prompt venv "$new"
  PIP_CONFIG_FILE=/dev/null "$new/bin/python" -m pip --isolated install --quiet --no-index --find-links "$3" --require-hashes \
    --no-compile --no-warn-script-location --disable-pip-version-check --root-user-action=ignore -r "$2"
  "$new/bin/python" -m compileall -q -f -j 0 --invalidation-mode unchecked-hash -s "$new" -p "$1" "$new/lib" >/dev/null || true
  grep -rlI --null -F "$new" "$new/bin" "$new/pyvenv.cfg" | xargs -0 sed -i "s,$new,$1,g"
  printf '%s' "$stamp" >"$new/.complete"
  files_of note "$new"
  [[ ! -e $1 ]] || mv "$1" "$1.old"
  mv "$new" "$1"
  mv -f "$new.files" "$1.files"
  rm -rf "$1.old"
}

# What runs was loaded from files that are gone now.
restart_renewed() {
  rm -f "$release/ansible/venv.renewed"  # nothing of it goes on running
  [[ -e $release/venv.renewed ]] || return 0
  say "Hizmetler yeni dosyalarla yeniden başlatılıyor ..." "Restarting the services with the new files ..."
  /usr/local/sbin/belgenet restart </dev/null
  rm "$release/venv.renewed"  # only now: until then the services have the altered files in memory
}
