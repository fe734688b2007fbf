#!/usr/bin/env bash
# Makes sure that a Docker engine answers, and says which one.
#
# An engine that is there already is used, wherever it is: DOCKER_HOST, the
# docker command's context, the default socket, Podman's sockets. On Debian and
# Ubuntu, as root, with no engine at all, one is installed and started. On any
# other machine this says what to install. Safe to run again at any time.
set -euo pipefail

log=${MINIBOSS_ENGINE_LOG:-/var/log/miniboss-dockerd.log}
wait_seconds=600

say() { printf 'engine: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# An engine behind a dead ssh or TCP address would keep us waiting for minutes.
# macOS has no timeout command; there the engine is a local one.
limited() { if have timeout; then timeout 15 "$@"; else "$@"; fi; }

# ping_socket PATH: does an engine answer on this unix socket? curl may be
# missing on a small machine; perl never is on Debian.
ping_socket() {
  [ -S "$1" ] || return 1
  if have curl; then
    [ "$(curl -s -m 10 --noproxy '*' --unix-socket "$1" http://localhost/_ping 2>/dev/null)" = OK ]
  elif have perl; then
    perl -MIO::Socket::UNIX -e '
      alarm 10;
      my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or exit 1;
      print $s "GET /_ping HTTP/1.0\r\n\r\n";
      exit((<$s> // "") =~ m{^HTTP/1\.. 200} ? 0 : 1)' "$1" 2>/dev/null
  else
    return 1
  fi
}

# The docker command's context, "default" where there is no such command.
context() {
  if have docker; then docker context show 2>/dev/null || echo default; else echo default; fi
}

# Prints where an engine answers, or fails.
find_engine() {
  local host=${DOCKER_HOST:-} socket
  if have docker && limited docker version --format '{{.Server.Version}}' >/dev/null 2>&1; then
    echo "${host:-docker context $(context)}"
    return
  fi
  # Another engine than the chosen one is no use: nothing would talk to it.
  [ "$(context)" = default ] || return 1
  case $host in
    '') ;;
    unix://*) ping_socket "${host#unix://}" && echo "$host"; return ;;
    tcp://*)
      have curl && [ "$(curl -s -m 10 "http://${host#tcp://}/_ping" 2>/dev/null)" = OK ] && echo "$host"
      return ;;
    *) return 1 ;;
  esac
  for socket in /var/run/docker.sock "${XDG_RUNTIME_DIR:-/nowhere}/podman/podman.sock" /run/podman/podman.sock; do
    if ping_socket "$socket"; then echo "unix://$socket"; return; fi
  done
  return 1
}

use_if_found() {
  local where
  if where=$(find_engine); then
    say "ready ($where)"
    exit 0
  fi
}

install_dockerd() {
  say "installing docker.io"
  export DEBIAN_FRONTEND=noninteractive
  local out apt='apt-get -o DPkg::Lock::Timeout=120'
  local packages=(docker.io iptables)
  out=$(mktemp)
  # docker.io only recommends these two, but the engine does not start without
  # iptables, and newer releases have the docker command in a package of its own.
  $apt update >"$out" 2>&1 || true # the installation says it if it matters
  if apt-cache show docker-cli >/dev/null 2>&1; then packages+=(docker-cli); fi
  if ! $apt install -y --no-install-recommends "${packages[@]}" >>"$out" 2>&1; then
    tail -n 20 "$out" >&2
    rm -f "$out"
    die "docker.io could not be installed; the last lines of apt-get are above"
  fi
  rm -f "$out"
}

# dockerd refuses to start while the process id in its file is alive, even
# where, after a reboot, that id belongs to another program.
drop_stale_pidfile() {
  local file=/var/run/docker.pid pid
  [ -f "$file" ] || return 0
  pid=$(cat "$file")
  [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ] || rm -f "$file"
}

start_dockerd() {
  if [ -d /run/systemd/system ]; then
    say "starting the docker service"
    systemctl start docker || die "systemctl start docker failed; see journalctl -u docker"
    log=
    return
  fi
  drop_stale_pidfile
  say "starting dockerd, log in $log"
  # Its own session: it outlives this terminal, make, and a Ctrl-C. It must not
  # inherit the lock below, or the next run would wait for ever.
  # The tests make more networks at once than the default ranges hold.
  setsid dockerd --default-address-pool base=172.16.0.0/12,size=24 >"$log" 2>&1 </dev/null 9>&- &
  dockerd_pid=$!
  echo "$dockerd_pid" >/run/miniboss-engine.pid # it is ours to restart: see test.sh
}

# dockerd reads every layer and every record of the build cache before it answers:
# with 10,000 of them and a cold disk that was seen to take more than a minute.
wait_for_dockerd() {
  local end=$((SECONDS + wait_seconds)) news=$((SECONDS + 15))
  until ping_socket /var/run/docker.sock; do
    if [ -n "${dockerd_pid:-}" ] && ! kill -0 "$dockerd_pid" 2>/dev/null; then
      tail -n 20 "$log" >&2
      die "dockerd ended; the last lines of $log are above"
    fi
    if [ "$SECONDS" -ge "$end" ]; then
      [ -z "$log" ] || tail -n 20 "$log" >&2
      die "dockerd did not answer within $wait_seconds s${log:+; the last lines of $log are above}"
    fi
    if [ "$SECONDS" -ge "$news" ]; then
      say "dockerd is still starting; a full build cache makes that slow (docker builder prune empties it)"
      news=$((SECONDS + 15))
    fi
    sleep 0.2
  done
}

use_if_found

# A chosen engine that is silent is not ours to replace.
if [ -n "${DOCKER_HOST:-}" ]; then
  die "DOCKER_HOST is $DOCKER_HOST, but no engine answers there: start it, or unset DOCKER_HOST"
fi
if [ "$(context)" != default ]; then
  die "docker context \"$(context)\" is in use, but its engine does not answer: start it, or choose another with: docker context use"
fi

if [ "$(uname -s)" != Linux ] || ! have apt-get; then
  die "no Docker engine answers. Install one and start it: Docker Desktop, OrbStack, Colima or Podman (on Linux: docker or podman of your distribution)"
fi
if [ "$(id -u)" != 0 ]; then
  die "no Docker engine answers. Run this as root to have docker.io installed and started, or install Docker or Podman yourself and give your user access to it"
fi

# Two runs at once (a demo and the tests, say) must not both start an engine.
exec 9>/run/miniboss-engine.lock
flock 9
use_if_found
have dockerd || install_dockerd
use_if_found # the package may have started it
start_dockerd
wait_for_dockerd
use_if_found
die "dockerd runs, but it is not the engine that the docker command uses: see docker context ls"
