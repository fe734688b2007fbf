#!/usr/bin/env bash
# Makes sure that the database servers are there which the tests of network/ and
# js/ start for themselves: PostgreSQL, MariaDB, Redis.
set -euo pipefail

# Debian keeps the servers of PostgreSQL out of the PATH.
have_postgres() { command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }

missing=()
have_postgres || missing+=(postgresql)
command -v mariadbd >/dev/null || command -v mysqld >/dev/null || missing+=(mariadb-server)
command -v redis-server >/dev/null || missing+=(redis-server)
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
  echo "the tests start database servers of their own: install ${missing[*]} (their names on Debian)" >&2
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
