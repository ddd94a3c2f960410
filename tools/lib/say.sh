# shellcheck shell=bash
# Words for people. Sourced by tools/up and tools/check.

# say TEXT...: one line about what happens now.
say() { printf '==> %s\n' "$*"; }

# warn TEXT...: something is not as expected, but we go on.
warn() { printf 'warning: %s\n' "$*" >&2; }

# fail TEXT...: what went wrong and what to do about it; ends the script.
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# seconds_text SECONDS: 75 -> "1m15s".
seconds_text() {
  if (($1 >= 60)); then printf '%dm%02ds' $(($1 / 60)) $(($1 % 60)); else printf '%ds' "$1"; fi
}

# require_own_build: an earlier run as root leaves files behind that this user cannot replace.
require_own_build() {
  local foreign=""
  [[ ! -e build ]] || foreign=$(find build -maxdepth 2 ! -writable -print -quit)
  [[ -z "$foreign" ]] ||
    fail "$PWD/$foreign is not yours to write, probably from an earlier run as root;" \
      "give it back with: sudo chown -R $(id -un) $PWD/build"
  mkdir -p build
}
