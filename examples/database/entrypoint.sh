#!/bin/bash
# Makes the database on the first start, then runs PostgreSQL.
set -euo pipefail

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
home=/var/lib/postgresql/data
data=$home/pgdata
unfinished=$home/pgdata.new

trap 'exit 143' TERM INT

# Everything is made under another name and renamed at the end: a container that
# is killed half-way leaves nothing that a later start could take for a database.
make_database() {
  : "${POSTGRES_PASSWORD:?is not set: the database needs a password}"
  rm -rf "$unfinished"
  initdb --pgdata="$unfinished" --username="$user" --pwfile=<(echo "$POSTGRES_PASSWORD") \
    --encoding=UTF8 --locale=C.UTF-8 --auth-local=trust --auth-host=scram-sha-256 --no-sync
  echo 'host all all all scram-sha-256' >>"$unfinished/pg_hba.conf"
  if [ "$database" != postgres ]; then
    # Double quotes inside a quoted name are doubled.
    postgres --single -D "$unfinished" postgres <<<"create database \"${database//\"/\"\"}\""
  fi
  initdb --pgdata="$unfinished" --sync-only
  mv "$unfinished" "$data"
}

[ -d "$data" ] || make_database

postgres -D "$data" -c listen_addresses='*' "$@" &
server=$!

# On SIGTERM PostgreSQL waits until the last client has gone; SIGINT is its
# quick and clean way to stop. Both mean the quick one here.
trap 'kill -INT "$server"' TERM INT

# A signal ends wait early, so wait until the server has really ended.
until wait "$server"; do
  code=$?
  kill -0 "$server" 2>/dev/null || exit "$code"
done
