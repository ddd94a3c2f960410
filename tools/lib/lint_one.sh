#!/usr/bin/env bash
# lint_one.sh FILE DEADLINE BUILD: clang-tidy-19 on one file, not begun after DEADLINE (seconds
# since 1970). Prints nothing if the file is clean.
set -uo pipefail
file="$1" deadline="$2" build="$3"

if (($(date +%s) >= deadline)); then
  printf 'not looked at, the time for the linter is over (see tools/check --full): %s\n' "$file"
  exit 0
fi
if ! grep -q "\"file\": \".*/$file\"" "$build/compile_commands.json"; then
  printf 'not looked at, it is not part of the build: %s\n' "$file"
  exit 0
fi
output=$(timeout 600 clang-tidy-19 --quiet -p "$build" "$file" 2>/dev/null) && exit 0
printf '%s\n' "${output:-clang-tidy-19 did not finish: $file}"
exit 1
