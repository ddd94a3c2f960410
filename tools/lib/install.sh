# shellcheck shell=bash
# Installs the Debian packages of packages.txt. Sourced by tools/up and tools/check; needs say.sh.

packages_file="$(dirname "${BASH_SOURCE[0]}")/packages.txt"
os_release_file="${MUSTER_OS_RELEASE:-/etc/os-release}"
systemd_folder="${MUSTER_SYSTEMD_FOLDER:-/run/systemd/system}"

# packages_of GROUP...: the package names of these groups, one a line.
packages_of() {
  awk -v groups=" $* " '
    /^\[/ { name = substr($1, 2, length($1) - 2); wanted = index(groups, " " name " ") > 0; next }
    /^#/ || NF == 0 { next }
    wanted { print $1 }' "$packages_file"
}

# missing_of PACKAGE...: those that are not installed, one a line.
missing_of() {
  local package
  for package in "$@"; do
    [[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] ||
      printf '%s\n' "$package"
  done
}

os_name() { (. "$os_release_file" 2>/dev/null && printf '%s' "${PRETTY_NAME:-unknown}"); }

is_debian_12() {
  (. "$os_release_file" 2>/dev/null && [[ "${ID:-}" == debian && "${VERSION_ID:-}" == 12 ]])
}

# as_root COMMAND...: runs it as root: directly, or with sudo.
as_root() {
  if ((EUID == 0)); then env "$@"; else sudo env "$@"; fi
}

# quiet_apt ARGUMENT...: apt-get without questions; its output is shown only if it fails.
# RUNLEVEL=1 keeps a classic init from starting a service that is being installed.
quiet_apt() {
  local output
  output=$(as_root DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -y -q \
    -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" 2>&1 </dev/null) && return 0
  printf '%s\n' "$output" | tail -n 30 >&2
  return 1
}

# Debian starts mosquitto as a service when it is installed, and at every boot: a second broker
# that nobody asked for. Masking the unit first prevents that. A unit that is there already is
# somebody's own and is left alone.
keep_mosquitto_from_starting() {
  [[ -d "$systemd_folder" ]] && command -v systemctl >/dev/null || return 0
  systemctl cat mosquitto.service >/dev/null 2>&1 && return 0
  say "masking mosquitto.service, so that Debian does not start a broker of its own" \
    "(undo: systemctl unmask mosquitto)"
  as_root systemctl mask --quiet mosquitto.service ||
    warn "mosquitto.service could not be masked; a second broker may run on port 1883"
}

require_installer() {
  local missing="$*"
  is_debian_12 ||
    fail "this is $(os_name), not Debian 12, and these packages of Debian 12 are missing:" \
      "$missing. Install what they stand for (tools/lib/packages.txt says why each is needed)."
  if ((EUID != 0)) && ! command -v sudo >/dev/null; then
    fail "these packages are missing: $missing. Installing them needs root: run this as root," \
      "install sudo, or ask an administrator for: apt-get install $missing"
  fi
}

# install_packages GROUP...: installs what is missing of these groups; says what it does.
install_packages() {
  local wanted missing
  mapfile -t wanted < <(packages_of "$@")
  command -v dpkg-query >/dev/null || {
    warn "this is $(os_name), not Debian 12: going on with whatever is installed"
    return 0
  }
  mapfile -t missing < <(missing_of "${wanted[@]}")
  if ((${#missing[@]} == 0)); then
    is_debian_12 || warn "this is $(os_name), not Debian 12, but the packages are there: going on"
    say "packages: all ${#wanted[@]} are installed"
    return 0
  fi
  require_installer "${missing[*]}"
  say "packages: installing ${#missing[@]} of ${#wanted[@]}: ${missing[*]}"
  quiet_apt update || warn "apt-get update had trouble; trying to install with what is known"
  [[ " ${missing[*]} " != *" mosquitto "* ]] || keep_mosquitto_from_starting
  quiet_apt install --no-install-recommends "${missing[@]}" ||
    fail "apt-get could not install: ${missing[*]} (its last lines are above)"
}
