#!/usr/bin/env bash
# Runs go test on all packages, with its arguments as flags, and repeats at the
# end what has failed: the output of one failed package is long, and those that
# follow it hide it.
#
# Docker 20.10 can lock itself up while containers of one network stop and start:
# from then on nothing that concerns networks is answered until the engine is
# restarted. Where scripts/engine.sh has started the engine, this does so, says so,
# and runs once more the packages that had not passed.
set -uo pipefail

log=$(mktemp)
hung=$log.hung
patience=${ENGINE_PATIENCE:-90} # seconds
trap 'rm -f "$log" "$hung"' EXIT

engine_pid() {
  local pid
  [ -z "${DOCKER_HOST:-}" ] && pid=$(cat /run/miniboss-engine.pid 2>/dev/null) &&
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ] && echo "$pid"
}

# Ends the tests where the engine does not tell its networks in time; at a load of
# 20 that takes it less than 5 s.
watch_engine() {
  local pid
  while sleep 10; do
    timeout "$patience" docker network ls >/dev/null 2>&1
    [ $? -eq 124 ] || continue
    touch "$hung"
    for pid in $(children $$); do
      # shellcheck disable=SC2046 # they are numbers
      [ "$(cat "/proc/$pid/comm")" = go ] && kill "$pid" $(children "$pid")
    done
    return
  done
}

children() { cat "/proc/$1/task"/*/children; }

run_tests() {
  local watch=
  if engine_pid >/dev/null; then
    watch_engine >/dev/null 2>&1 & # it must not keep our output open
    watch=$!
  fi
  go test "$@" 2>&1 | tee "$log"
  code=$?
  [ -z "$watch" ] || kill "$watch" 2>/dev/null
}

restart_engine() {
  local pid
  pid=$(engine_pid)
  printf '\nThe engine has locked itself up: docker network ls does not return.\n'
  printf 'Its stacks are in /var/run/docker. It is restarted, and what had not passed is run again.\n\n'
  kill -USR1 "$pid"
  sleep 1
  kill -KILL "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done
  scripts/engine.sh
}

packages=$(go list ./...) || exit
# shellcheck disable=SC2086 # they are words
run_tests "$@" $packages
if [ -e "$hung" ]; then
  restart_engine || exit
  packages=$(comm -23 <(sort <<<"$packages") <(sed -n 's/^ok[[:space:]]*\([^[:space:]]*\).*/\1/p' "$log" | sort))
  # shellcheck disable=SC2086
  run_tests "$@" $packages
fi

if [ $code -ne 0 ]; then
  printf '\nWhat failed, with what it said first:\n'
  grep -E -A 25 'DATA RACE|did not end in|^panic: |^\s*--- FAIL' "$log" | cut -c -200 | head -n 150
  printf '\nWhat failed:\n'
  # The lines with a time in parentheses are the tests that ran when Go ended all.
  grep -E '^\s*--- FAIL|DATA RACE|did not end in|^panic: |^\s+Test\S+ \(|^FAIL\s' "$log" | cut -c -150 | head -n 25
fi
exit $code
