#!/usr/bin/env bash
# Runs go test with its arguments, and repeats at the end what has failed: the
# output of one failed package is long, and those that follow it hide it.
set -uo pipefail

log=$(mktemp)
trap 'rm -f "$log"' EXIT

go test "$@" 2>&1 | tee "$log"
code=$?
if [ $code -ne 0 ]; then
  printf '\nWhat failed, with what it said first:\n'
  grep -E -A 25 'DATA RACE|did not end in|^panic: |^\s*--- FAIL' "$log" | cut -c -200 | head -n 150
  printf '\nWhat failed:\n'
  # The lines with a time in parentheses are the tests that ran when Go ended all.
  grep -E '^\s*--- FAIL|DATA RACE|did not end in|^panic: |^\s+Test\S+ \(|^FAIL\s' "$log" | cut -c -150 | head -n 25
fi
exit $code
