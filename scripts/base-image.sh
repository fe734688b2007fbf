#!/usr/bin/env bash
# Makes sure that the engine has debian:bookworm-slim, which the example and
# the tests build on: it is there, or it is pulled, or, where no registry can
# be reached, made from Debian's own packages (Debian or Ubuntu, as root).
# Wants an engine that answers: run engine.sh first.
set -euo pipefail

image=debian:bookworm-slim
suite=bookworm
default_mirror=http://deb.debian.org/debian
pull_seconds=60

say() { printf 'base image: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

if have docker; then cli=docker
elif have podman; then cli=podman
else
  say "no docker command here to look for $image; the engine pulls it when something is built on it"
  exit 0
fi

ready() { "$cli" image inspect "$image" >/dev/null 2>&1; }

can_make() { [ "$(id -u)" = 0 ] && have apt-get; }

# Where the image can be made, a registry that does not answer must not hold us
# up for long. Elsewhere the pull is all there is, and may take its time.
pull() {
  if can_make; then timeout "$pull_seconds" "$cli" pull "$image"; else "$cli" pull "$image"; fi
}

# The package sources that this machine uses for the suite, one line each: the
# image gets the same, so that builds on it reach what this machine reaches.
# A machine of another release gets Debian's default.
sources() {
  local found
  # shellcheck disable=SC2016 # apt-get fills these in, not the shell
  found=$(apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
    grep -E "^deb [^ ]+ $suite(-updates|-security)? main\$" | sort -u || true)
  if grep -q " $suite main\$" <<<"$found"; then
    echo "$found"
  else
    echo "deb $default_mirror $suite main"
  fi
}

# failed WHAT: ends with the last lines of the log.
failed() { tail -n 20 "$work/log" >&2; die "$1; the last lines of its output are above"; }

install_debootstrap() {
  export DEBIAN_FRONTEND=noninteractive
  local apt='apt-get -o DPkg::Lock::Timeout=120'
  # Also needed where debootstrap is there: without lists apt knows no sources.
  $apt update >"$work/log" 2>&1 || failed "apt-get update failed"
  $apt install -y --no-install-recommends debootstrap debian-archive-keyring >"$work/log" 2>&1 ||
    failed "debootstrap could not be installed"
}

# The settings that the official image has: small, no daemons at installation,
# no fsync per package.
slim_down() {
  local root=$1
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  echo 'force-unsafe-io' >"$root/etc/dpkg/dpkg.cfg.d/docker-apt-speedup"
  printf 'path-exclude /usr/share/%s/*\n' doc man info locale >"$root/etc/dpkg/dpkg.cfg.d/docker"
  echo 'Acquire::Languages "none";' >"$root/etc/apt/apt.conf.d/docker-no-languages"
  echo 'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };' >"$root/etc/apt/apt.conf.d/docker-clean"
  rm -rf "$root"/usr/share/{doc,man,info,locale}/* "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/*.log
}

make_image() {
  local lines mirror proxy root=$work/root extra=()
  say "making $image from Debian's packages (about half a minute)"
  install_debootstrap
  lines=$(sources)
  mirror=$(awk -v s="$suite" '$3 == s { print $2; exit }' <<<"$lines")
  proxy=$(apt-config shell p Acquire::http::Proxy | sed -n "s/^p='\(.*\)'\$/\1/p")
  case $mirror in https:*) extra=(--include=ca-certificates) ;; esac
  http_proxy=${proxy:-${http_proxy:-}} \
    debootstrap --variant=minbase "${extra[@]}" "$suite" "$root" "$mirror" >"$work/log" 2>&1 || failed "debootstrap failed"
  echo "$lines" >"$root/etc/apt/sources.list"
  if [ -n "$proxy" ]; then
    echo "Acquire::http::Proxy \"$proxy\";" >"$root/etc/apt/apt.conf.d/proxy"
  fi
  slim_down "$root"
  tar -C "$root" --exclude='./dev/*' -c . | "$cli" import --change 'CMD ["bash"]' - "$image" >/dev/null
}

if ready; then say "$image is there"; exit 0; fi

if have flock && [ -w /run ]; then
  exec 9>/run/miniboss-base-image.lock
  flock 9 # two runs at once: the second finds it made
  if ready; then say "$image is there"; exit 0; fi
fi

say "pulling $image"
if why=$(pull 2>&1); then say "$image is pulled"; exit 0; fi
why=${why##*$'\n'}
can_make || die "$image cannot be pulled: $why"
say "cannot be pulled: ${why:-no answer within $pull_seconds s}"

# Not in /tmp, which may be mounted noexec.
work=$(mktemp -d /var/tmp/miniboss-base.XXXXXX)
trap 'rm -rf "$work"' EXIT
make_image
ready || die "$image was imported, but the engine does not show it"
say "$image is made"
