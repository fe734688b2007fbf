#!/usr/bin/env bash
# Runs every fuzz target of the project for the given time, one after the other,
# or those that the pattern matches: fuzz.sh 1m [PATTERN]. An input that fails is
# kept in the package's testdata/fuzz; commit it with what mends it.
set -euo pipefail
cd "$(dirname "$0")/.."

time=${1:-1m}
pattern=${2:-.}
failed=()
output=$(mktemp)
trap 'rm -f "$output"' EXIT

# fuzz PACKAGE TARGET: one worker for each two processors: the rest is for the
# program under test. Making an input smaller that is only new takes up to a minute
# otherwise: all the time there is, in which nothing else is tried.
fuzz() {
  go test "$1" -run '^$' -fuzz "^$2\$" -fuzztime "$time" -fuzzminimizetime 1s \
    -parallel "$((($(getconf _NPROCESSORS_ONLN) + 1) / 2))" 2>&1 | tee "$output"
}

# Go at times takes the end of its own time for a failure, of no input.
only_late() {
  grep -q 'context deadline exceeded' "$output" && ! grep -q 'Failing input written to' "$output"
}

while IFS=: read -r file target; do
  echo "== ${file%/*} $target"
  fuzz "./${file%/*}" "$target" || { only_late && echo "== no input failed: again" && fuzz "./${file%/*}" "$target"; } || failed+=("$target")
done < <(grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | sed 's|^\./||; s|:func |:|' | sort -u | grep -E "$pattern")
[ ${#failed[@]} -eq 0 ] || { echo "failed: ${failed[*]}" >&2; exit 1; }
