#!/usr/bin/env bash
# install.sh [--cuda] PROGRAM FOLDER: the built program and the libraries that Debian's packages do not hold, in a folder
# that can be moved: FOLDER/bin and FOLDER/lib. The packages it needs beside them are listed in packages.txt.
# install.sh --units [ROOT]: systemd's units, their users and who may read what, for a program in /opt/chalkstream.
#   --cuda   with LibTorch's CUDA half and NVIDIA's libraries, as `pip install torch` puts them beside it (several gigabytes)
# The program needs patchelf and binutils to be installed, units need systemd.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)

die() { printf 'install: %s\n' "$*" >&2; exit 1; }

put() { # file, where
  install -D -m 644 "$here/systemd/$1" "$2"
}

units() { # root, empty for this machine's
  local unit rules=$1/etc/polkit-1/rules.d
  for unit in "$here"/systemd/*.service "$here"/systemd/*.target; do
    put "${unit##*/}" "$1/etc/systemd/system/${unit##*/}"
  done
  put chalkstream.sysusers.conf "$1/usr/lib/sysusers.d/chalkstream.conf"
  put chalkstream.tmpfiles.conf "$1/usr/lib/tmpfiles.d/chalkstream.conf"
  if [[ -d $rules ]]; then
    put chalkstream-autoscale.rules "$rules/50-chalkstream-autoscale.rules"
  else
    echo 'chalkstream-autoscale.service needs polkitd, which is not there; the others do not' >&2
  fi
  [[ ! $1 ]] || return 0
  systemd-sysusers && systemd-tmpfiles --create chalkstream.conf && systemctl daemon-reload
}

if [[ ${1:-} == --units ]]; then
  (($# <= 2)) || die 'install.sh --units [ROOT]'
  units "${2:-}"
  exit
fi

cuda=''
if [[ ${1:-} == --cuda ]]; then
  cuda=yes
  shift
fi
(($# == 2)) || die 'install.sh [--cuda] PROGRAM FOLDER'
program=$1 folder=$2
[[ -x $program ]] || die "$program is not a program; ./chalk build makes it"
command -v patchelf >/dev/null || die 'patchelf is missing: apt-get install patchelf'

# Where the loader finds what FILE is linked with. What lies in the system's folders comes from packages, all but librdkafka,
# which may be from either.
foreign_libraries() {
  local found
  found=$(ldd "$1")
  ! grep -v libcuda.so.1 <<<"$found" | grep 'not found' || die "$1 is linked with what is not there"
  sed -nE 's|.* => (/.*) \(0x[0-9a-f]+\)$|\1|p' <<<"$found" | awk '!/^\/(usr\/)?lib(64)?\// || /\/librdkafka/'
}

mkdir -p "$folder/bin" "$folder/lib"
mapfile -t libraries < <(foreign_libraries "$program")
torch=$(printf '%s\n' "${libraries[@]}" | sed -n 's|/libtorch_cpu.so$||p')
[[ -n $torch ]] || die "$program is not linked with LibTorch"

if [[ $cuda ]]; then
  # LibTorch opens some of these by name when it first needs them, and cuDNN its own parts: ldd sees neither.
  for half in "$torch"/libtorch_cuda*.so "$torch"/libc10_cuda.so "$torch"/libcaffe2_nvrtc.so; do
    [[ -e $half ]] || die "$half is missing: this LibTorch has no CUDA half"
    mapfile -t -O "${#libraries[@]}" libraries < <(echo "$half"; foreign_libraries "$half")
  done
  mapfile -t -O "${#libraries[@]}" libraries < <(
    find -L "$torch/../../nvidia" -path '*/lib/*' \( -name 'libcudnn*.so.*' -o -name 'libnvrtc*.so.*' \))
fi

printf '%s\n' "${libraries[@]}" | sort -u | while read -r library; do
  cp -L --preserve=mode,timestamps "$library" "$folder/lib/"
done
cp "$program" "$folder/bin/chalkstream.new"
strip --strip-debug "$folder/bin/chalkstream.new" "$folder"/lib/librdkafka.so* 2>/dev/null || true
# Nothing is searched for where it was built: somebody else could own that folder here.
patchelf --set-rpath '$ORIGIN/../lib' "$folder/bin/chalkstream.new"
mv "$folder/bin/chalkstream.new" "$folder/bin/chalkstream"
install -m 755 "$here/fill.sh" "$folder/bin/chalkstream-fill"
chmod -R u=rwX,go=rX "$folder"
printf '%s: %s MiB\n' "$folder" "$(du -sm "$folder" | cut -f 1)"
