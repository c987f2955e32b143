# shellcheck shell=bash disable=SC2154
# Sourced by install.sh: is this the bundle that was released, and can nobody change it any more?

# only_roots FOLDER: nobody but root can change what is in it, or put something else into its stead. (Not in /tmp either: who may write
# there may not move what is root's.)
only_roots() {
  local part=$1 strange
  strange=$(find "$1" \( ! -uid 0 -o ! -type l -perm /022 \) -print -quit) || return 1
  while [[ -z $strange && $part != / ]]; do
    part=$(dirname "$part")
    strange=$(find "$part" -maxdepth 0 \( ! -uid 0 -o -perm /022 ! -perm -1000 \)) || return 1
  done
  [[ -z $strange ]]
}

# What others can change they could change between our look and its use. Then a copy in a place of root's goes on with the work, as
# in `belgenet upgrade`, and verifies itself. These first lines are still those of the folder: who starts them believes them.
# Sets `handbook`: where the operator finds it afterwards as well.
work_from_own_place() {
  local own=$base/unpacked needed free
  handbook=$here/docs/operator
  if [[ -n $copied ]]; then
    handbook=${BELGENET_UNPACKED:-$here}/docs/operator
    return
  fi
  rm -rf "$own" # of a run that was killed
  if only_roots "$here"; then return; fi
  say "Paketin klasörünü root dışındakiler de değiştirebilir: $here\n$own klasörüne kopyalanıyor ..." \
    "Others than root can change the bundle's folder $here\nCopying it to $own ..."
  copied=$own
  needed=$(du -sm --apparent-size -- "$here" | cut -f 1) || cannot_copy
  needed=$((needed * 11 / 10 + 1))
  install -d -m 755 "$base" && install -d -m 700 "$own" || cannot_copy
  free=$(df -m --output=avail "$own" | tail -n 1)
  [[ $free -ge $needed ]] || fail 14 \
    "[no_room] $own için $((free)) MiB boş yer var, $needed MiB gerekiyor. Yer açınız ya da paketi root olarak, yalnızca root'un yazabildiği bir klasöre (ör. /root) açınız." \
    "[no_room] There are $((free)) MiB free for $own; $needed MiB are needed. Make room, or unpack the bundle as root into a folder that only root can write to, such as /root."
  mkdir "$own/bundle"
  # What is no file or folder is copied as what it is, and refused by the check.
  cp -R -P --no-preserve=ownership -- "$here/." "$own/bundle" || cannot_copy
  chmod -R u=rwX,go=rX "$own/bundle"
  leave_server_lock # the copy takes it
  rm -rf "$scratch"
  BELGENET_UNPACKED=$here exec bash "$own/bundle/install.sh" "$@"
}

# In the copy: what must go at the end, also when somebody else has taken the lock meanwhile.
know_own_place() { if [[ $here -ef $base/unpacked/bundle ]]; then copied=$base/unpacked; fi; }

cannot_copy() {
  fail 14 "[no_copy] Paket $base/unpacked klasörüne kopyalanamadı; nedeni yukarıda yazılıdır." \
    "[no_copy] The bundle could not be copied to $base/unpacked; the reason stands above."
}

# Where nothing is installed, no folder stays either.
remove_own_place() {
  [[ -n $copied ]] || return 0
  rm -rf "$copied"
  rmdir --ignore-fail-on-non-empty "$base" 2>/dev/null || true
}

verify_signature() {
  command -v ssh-keygen >/dev/null || fail 16 \
    "İmza doğrulanamıyor: ssh-keygen yok. openssh-client paketini işletim sisteminizin kurulum ortamından kurunuz." \
    "The signature cannot be checked: there is no ssh-keygen. Install openssh-client from your operating system's medium."
  local file good
  for file in SHA256SUMS SHA256SUMS.sig release-signers manifest.json; do
    [[ -s $here/$file ]] || fail 10 "Pakette $file eksik. Paketi yeniden indiriniz." "The bundle lacks $file. Download it again."
  done
  good=$(ssh-keygen -Y check-novalidate -n $namespace -s "$here/SHA256SUMS.sig" <"$here/SHA256SUMS" 2>/dev/null) || fail 11 \
    "Paketin imzası geçersiz: içerik listesi imzalandıktan sonra değiştirilmiş. Paketi kullanmayınız, yeniden indiriniz." \
    "The bundle's signature is wrong: its list of contents was altered after signing. Do not use it; download it again."
  verify_signer "${good##* }"
}

# verify_signer FINGERPRINT: known by the operator's word, by the release that is installed, or (first time) shown.
verify_signer() {
  local known=$signers
  if [[ -n $fingerprint ]]; then
    [[ $fingerprint == "$1" ]] || unknown_signer "$1"
    return
  fi
  if [[ -z $known && -s $base/current/bundle/release-signers ]]; then known=$base/current/bundle/release-signers; fi
  ssh-keygen -Y verify -f "${known:-$here/release-signers}" -I release -n $namespace -s "$here/SHA256SUMS.sig" \
    <"$here/SHA256SUMS" >/dev/null 2>&1 || unknown_signer "$1"
  [[ -n $known ]] || say \
    "İmzalayan anahtar: $1\n  Size bu paketten ayrı bir yolla bildirilen parmak iziyle karşılaştırınız (ya da onu --fingerprint ile veriniz)." \
    "Signed by the key $1\n  Compare it with the fingerprint you were given by another way than this bundle (or give that with --fingerprint)."
}

unknown_signer() {
  fail 12 "Paket, tanınmayan bir anahtarla imzalanmış: $1. Size bu paketten ayrı bir yolla aynı parmak izi bildirildiyse --fingerprint $1 ile yeniden çalıştırınız." \
    "The bundle is signed by an unknown key: $1. If you were given the same fingerprint by another way than this bundle, run this again with --fingerprint $1."
}

# unlisted BUNDLE: what lies in it and is not on its list.
unlisted() {
  (
    cd "$1"
    find . -mindepth 1 ! -type f ! -type d
    comm -13 <(cut -c 67- SHA256SUMS | LC_ALL=C sort) \
      <(find . -type f ! -path ./SHA256SUMS ! -path ./SHA256SUMS.sig -printf '%P\n' | LC_ALL=C sort)
  )
}

verify_files() {
  local altered
  altered=$(cd "$here" && sha256sum --check --strict --quiet SHA256SUMS 2>&1) || true
  [[ -z $altered ]] || altered=$(head -n 5 <<<"$altered")
  [[ -z $altered ]] || fail 10 "Paketin dosyaları değiştirilmiş ya da eksik; paketi yeniden indiriniz:\n$altered" \
    "Files of the bundle were altered or are missing; download it again:\n$altered"
  altered=$(unlisted "$here") # whole: who writes into a pipe that `head` has closed is ended, and so were we
  [[ -z $altered ]] || altered=$(head -n 5 <<<"$altered")
  [[ -z $altered ]] || fail 10 "Pakette, listesinde olmayan dosyalar var; paketi boş bir klasöre yeniden açınız:\n$altered" \
    "The bundle's folder holds files that are not on its list; unpack it again into an empty folder:\n$altered"
}

verify_system() {
  local here_is
  # shellcheck disable=SC1091
  here_is=$(. /etc/os-release && if [[ $ID == ubuntu ]]; then echo "$ID$VERSION_ID"; else echo "$ID${VERSION_ID:-}"; fi)
  [[ $here_is == "$(fact os)" ]] || fail 13 \
    "Bu paket $(fact os) içindir; bu sunucunun işletim sistemi: $here_is. Sunucunuza uygun paketi indiriniz." \
    "This bundle is for $(fact os); this server runs $here_is. Download the bundle for your server."
  [[ $(dpkg --print-architecture) == "$(fact arch)" ]] || fail 13 \
    "Bu paket $(fact arch) mimarisi içindir; bu sunucu: $(dpkg --print-architecture)." \
    "This bundle is for $(fact arch); this server is $(dpkg --print-architecture)."
}
