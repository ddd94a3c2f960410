# shellcheck shell=bash
# Steps with a name, a duration and an outcome, and the summary of all of them. Needs say.sh.

step_rows=()
steps_failed=0
test_steps_failed=0
tests_passed=0
tests_failed=0

# step NAME COMMAND...: runs it; a failure is remembered and does not end the script.
# Answers whether the command succeeded, so that what builds on it can be left out.
step() {
  local name="$1" started=$SECONDS outcome=ok code=0
  shift
  say "$name"
  "$@" </dev/null || code=$?
  if ((code != 0)); then
    outcome=FAILED
    steps_failed=$((steps_failed + 1))
  fi
  record_step "$name" "$outcome" $((SECONDS - started))
  return "$code"
}

record_step() {
  step_rows+=("$(printf '%-44s %-7s %7s' "$1" "$2" "$(seconds_text "$3")")")
  say "$1: $2 after $(seconds_text "$3")"
}

# skip_step NAME WHY: says in the summary that it did not run.
skip_step() { step_rows+=("$(printf '%-44s %-7s %s' "$1" skipped "$2")"); }

# count_tests FILE: adds the results that ctest wrote there as JUnit XML to the sums.
count_tests() {
  local counts
  counts=$(python3 - "$1" <<'PYTHON'
import sys
import xml.etree.ElementTree as tree

suite = tree.parse(sys.argv[1]).getroot()
failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
skipped = int(suite.get("skipped", 0)) + int(suite.get("disabled", 0))
print(int(suite.get("tests", 0)) - failed - skipped, failed)
PYTHON
  ) || return 1
  tests_passed=$((tests_passed + ${counts% *}))
  tests_failed=$((tests_failed + ${counts#* }))
}

# summary: the table, then the last line. A step that failed without a failed test of its own
# (a build, the format, the linter) counts as one failure, so that the line never looks green.
summary() {
  local others
  printf '\n%-44s %-7s %7s\n' step outcome time
  printf '%s\n' "${step_rows[@]}"
  printf '%-44s %-7s %7s\n\n' total "" "$(seconds_text "$SECONDS")"
  others=$((steps_failed - test_steps_failed))
  printf '%d passed, %d failed\n' "$tests_passed" $((tests_failed + others))
  ((steps_failed == 0))
}
