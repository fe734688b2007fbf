#!/usr/bin/env bash
# Makes sure that the programs are there which tests start for themselves: the
# database servers of network/ and js/ (PostgreSQL, MariaDB, Redis), and the
# shells that evaluate what miniboss env prints.
set -euo pipefail

# Debian keeps the servers of PostgreSQL out of the PATH.
have_postgres() { command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }

missing=()
have_postgres || missing+=(postgresql)
command -v mariadbd >/dev/null || command -v mysqld >/dev/null || missing+=(mariadb-server)
command -v redis-server >/dev/null || missing+=(redis-server)
for shell in bash dash zsh; do
  command -v "$shell" >/dev/null || missing+=("$shell")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
  echo "the tests start database servers and shells: install ${missing[*]} (their names on Debian)" >&2
  exit 1
fi
apt-get update -q
# The packages would start their servers at once; the tests want only the programs.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
