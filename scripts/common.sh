# Sourced by the scripts beside it: set -e, the repository as working directory, and the steps that
# they share.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What building Cornu, its tests and its examples takes.
packages="g++ cmake ninja-build pkg-config libopenblas-dev nlohmann-json3-dev libspdlog-dev zlib1g-dev catch2 librapidcheck-dev"

if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}
  # The tests' precompiled header; the same tree in another folder.
  export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS-pch_defines,time_macros,include_file_mtime,include_file_ctime}
  export CCACHE_BASEDIR=${CCACHE_BASEDIR-$PWD} CCACHE_NOHASHDIR=1
fi

die() {
  echo "$*" >&2
  exit 1
}

# need PACKAGE...: installs those of the Debian packages that are missing; silent when none is.
need() {
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "Packages are installed on Debian and Ubuntu only. Here, see to what these Debian packages" \
      "hold: $*" >&2
    return
  fi
  local package missing=() root=()
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "Missing packages. As root: apt-get install ${missing[*]}"
    root=(sudo)
  fi
  echo "Installing ${missing[*]}"
  # An index that cannot be renewed may still do.
  "${root[@]}" apt-get update -qq || true
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    die "apt-get could not install ${missing[*]}"
}

# build PRESET [TARGET...]: configures and builds build/PRESET; the log of the first is shown only
# when it fails.
build() {
  local preset=$1 log target=()
  shift
  [ $# -eq 0 ] || target=(--target "$@")
  mkdir -p build
  log=build/$preset.log
  cmake --preset "$preset" >"$log" 2>&1 || {
    cat "$log" >&2
    die "CMake could not configure build/$preset"
  }
  cmake --build --preset "$preset" "${target[@]}"
}
