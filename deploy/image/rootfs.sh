#!/usr/bin/env bash
# The image without a container engine: a root file system made by hand as the Containerfile makes it, and started as an
# engine would start it. Needs root, debootstrap and patchelf.
#
#   rootfs.sh make [--cuda] [--program FILE] ROOT     a new folder with the root file system of the image
#   rootfs.sh check ROOT MODEL                        start it and grade something; MODEL is a sentence encoder's directory
#   rootfs.sh run ROOT [--with FROM:TO]… [--network] COMMAND…
#
# run starts COMMAND inside: as user 10001 without any capability, the root read-only, /tmp and the state in memory, with
# no network but its own loopback (--network: this machine's), FROM mounted at TO for reading.
set -euo pipefail
inside='' outside=''
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
user=10001
state=/var/lib/chalkstream

usage() { sed -nE '2,/^set /s/^# ?//p' "${BASH_SOURCE[0]}"; }
die() { printf 'rootfs: %s\n' "$*" >&2; exit 1; }
((EUID == 0)) || [[ ${1:-help} == help ]] || die 'this needs root'

debian_mirror() {
  local uri
  uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null | head -n 1)
  echo "${uri:-http://deb.debian.org/debian}"
}

make() {
  local cuda=() program=$here/../../build/chalkstream root
  while [[ ${1:-} == --* ]]; do
    case $1 in
    --cuda) cuda=(--cuda) ;;
    --program) program=${2:?--program needs a file}; shift ;;
    *) die "unknown option $1" ;;
    esac
    shift
  done
  root=$(readlink -m "${1:?which folder?}")
  [[ ! -e $root/usr ]] || die "$root has something in it already"
  debootstrap --variant=minbase bookworm "$root" "$(debian_mirror)"
  # As debian:12-slim is: no documentation, no translations.
  printf 'path-exclude /usr/share/%s/*\n' doc man info locale lintian >"$root/etc/dpkg/dpkg.cfg.d/slim"
  rm -rf "$root"/usr/share/{doc,man,info,locale,lintian}/*
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  cp "$here/furnish.sh" "$here/../packages.txt" "$root/tmp/"
  chroot "$root" sh /tmp/furnish.sh /tmp/packages.txt
  rm "$root/tmp/furnish.sh" "$root/tmp/packages.txt"
  "$here/../install.sh" "${cuda[@]}" "$program" "$root/opt/chalkstream"
  printf 'the root file system: %s MiB, of them Debian %s MiB\n' "$(du -sm "$root" | cut -f 1)" \
    "$(du -sm --exclude "$root/opt" "$root" | cut -f 1)"
}

# Inside namespaces of its own: mounts as a container engine would make them, then the command as nobody special.
enter() {
  local root=$1 mounts=()
  shift
  while [[ $1 != -- ]]; do
    mounts+=("$1")
    shift
  done
  shift
  ip link set lo up 2>/dev/null || true
  mount --bind "$root" "$root"
  for pair in "${mounts[@]}"; do
    [[ -d $root${pair#*:} ]] || die "${pair#*:} is no folder of the image to mount at"
    mount --bind "${pair%%:*}" "$root${pair#*:}"
    mount -o remount,bind,ro "$root${pair#*:}"
  done
  mount -t proc proc "$root/proc"
  mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/tmp"
  mount -t tmpfs -o "mode=700,uid=$user,gid=$user,nosuid,nodev" tmpfs "$root$state"
  mount -t tmpfs -o mode=755,nosuid tmpfs "$root/dev"
  for device in null zero random urandom; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  done
  mount -o remount,bind,ro "$root"
  exec chroot "$root" setpriv --reuid "$user" --regid "$user" --clear-groups --bounding-set -all --inh-caps -all \
    --no-new-privs env -i -C "$state" PATH=/usr/local/bin:/usr/bin:/bin HOME="$state" "$@"
}

run() {
  local root mounts=() spaces=(--mount --pid --ipc --uts --fork --kill-child)
  root=$(readlink -e "${1:?which root file system?}")
  shift
  local network=(--net)
  while [[ ${1:-} == --* ]]; do
    case $1 in
    --with) mounts+=("${2:?--with needs FROM:TO}"); shift ;;
    --network) network=() ;;
    *) die "unknown option $1" ;;
    esac
    shift
  done
  (($#)) || die 'run what?'
  exec unshare "${spaces[@]}" "${network[@]}" "$here/rootfs.sh" enter "$root" "${mounts[@]}" -- "$@"
}

# --- the check -------------------------------------------------------------------------------------------------------

holds() { # what, command…
  local what=$1
  shift
  "$@" >/dev/null 2>&1 || die "FAILED: $what; the log is above"
  echo "ok: $what"
}

within() { # seconds, command…: until it succeeds
  local left=$(($1 * 10))
  shift
  until "$@" >/dev/null 2>&1; do
    kill -0 "$outside" 2>/dev/null && ((left-- > 0)) || return 1
    sleep 0.1
  done
}

child_of() { inside=$(pgrep -P "$1" | head -n 1) && [[ $inside ]]; }
reachable() { nsenter --target "$inside" --net curl -sf "http://127.0.0.1:9464/$1"; }
status_says() { grep -Eq "^$1:[[:space:]]+$2\$" "/proc/$inside/status"; }
beside() { nsenter --target "$inside" --net "$here/rootfs.sh" run "$root" --network "$@"; }

check() {
  local root model scratch started
  root=$(readlink -e "${1:?which root file system?}")
  model=$(readlink -e "${2:?which model?}")
  scratch=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "kill -9 \${inside:-} 2>/dev/null; tail -n 20 '$scratch/log' >&2; rm -rf '$scratch'" EXIT
  mkdir "$scratch/etc"
  cat >"$scratch/etc/chalkstream.yaml" <<'TEXT'
kafka: {brokers: embedded}
monitoring: {listen: ":9464"}
state_dir: /var/lib/chalkstream
models:
  encoder: {path: /models}
pipelines:
  short-answers: {kind: grading, from: submissions, to: grades, model: encoder}
TEXT
  chmod -R a+rX "$scratch"
  touch "$scratch/before"
  run "$root" --with "$scratch/etc:/etc/chalkstream" --with "$model:/models" chalkstream check \
    --config /etc/chalkstream/chalkstream.yaml >"$scratch/log" 2>&1 &
  wait $! || die 'FAILED: check of the configuration'
  echo 'ok: the configuration is valid inside'
  started=$(date +%s%N)
  run "$root" --with "$scratch/etc:/etc/chalkstream" --with "$model:/models" chalkstream serve \
    --config /etc/chalkstream/chalkstream.yaml >"$scratch/log" 2>&1 &
  outside=$!
  within 20 child_of "$outside" || die 'nothing was started'
  within 60 grep -q '^ready' "$scratch/log" || die 'FAILED: never ready'
  echo "ok: ready after $((($(date +%s%N) - started) / 1000000)) ms: $(grep '^ready' "$scratch/log")"
  holds '/readyz and /healthz answer 200' eval 'reachable readyz && reachable healthz'
  holds '/metrics has the drain time' eval 'reachable metrics | grep -q ^chalkstream_drain_seconds'
  holds 'it is process 1' status_says NSpid "[0-9]+[[:space:]]1"
  holds "it is user and group $user" eval 'status_says Uid "($user[[:space:]]*){4}" && status_says Gid "($user[[:space:]]*){4}"'
  holds 'it has no capability and gets none' eval 'status_says Cap[EPB][a-z]+ 0+ && status_says NoNewPrivs 1'
  holds 'nothing but its state can be written to' beside sh -c \
    'for d in / /etc /opt/chalkstream/lib /usr/bin /models; do ! touch $d/x || exit 1; done; touch $HOME/x /tmp/x'
  holds 'no program has more rights than its user' sh -c "! find '$root' -xdev -perm /6000 -type f | grep ."
  beside chalkstream bench --brokers "$(sed -nE 's/^ready: brokers ([^,]+),.*/\1/p' "$scratch/log")" --topic submissions \
    --results grades --type short_answer --count 20 --timeout 60 || die 'FAILED: 20 submissions were not graded'
  echo 'ok: 20 submissions graded'
  kill -TERM "$inside"
  local status=0
  wait "$outside" || status=$?
  ((status == 0)) || die "FAILED: exit status $status after SIGTERM"
  echo 'ok: SIGTERM ends it with 0'
  holds 'nothing in the root file system has changed' sh -c "! find '$root' -xdev -newer '$scratch/before' -type f | grep ."
  trap - EXIT
  rm -rf "$scratch"
}

word=${1:-help}
shift || true
case $word in
make | check | run | enter) "$word" "$@" ;;
help | -h | --help) usage ;;
*) usage >&2; die "unknown word '$word'" ;;
esac
