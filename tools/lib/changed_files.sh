# shellcheck shell=bash
# Which C++ files are ours, and which of them changed. Run from the root of the work tree.

# Someone else may own the clone (CI, sudo): ask git to read it all the same, this folder only.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0="$PWD"

tracked_cpp_files() { git ls-files '*.cc' '*.h'; }

# The commit to compare with: where this branch left the main line; on the main line itself the
# commit before the last one. Nothing, if the clone is so shallow that there is none.
change_base() {
  local line base head
  head=$(git rev-parse HEAD)
  for line in origin/main main; do
    base=$(git merge-base HEAD "$line" 2>/dev/null) || continue
    [[ "$base" == "$head" ]] || {
      printf '%s\n' "$base"
      return 0
    }
  done
  git rev-parse --quiet --verify HEAD~1 || true
}

# The .cc files to lint: those that changed since change_base, committed or not, and those whose
# header changed.
changed_sources() {
  local base file
  base=$(change_base)
  [[ -n "$base" ]] || base=$(git hash-object -t tree /dev/null)
  git diff --name-only --diff-filter=d "$base" -- '*.cc' '*.h' |
    while read -r file; do
      file="${file%.h}"
      file="${file%.cc}.cc"
      [[ ! -f "$file" ]] || printf '%s\n' "$file"
    done | sort -u
}
