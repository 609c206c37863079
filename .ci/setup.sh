# Sourced by spec/run, .ci/run and examples/quickstart: shared functions to install and build. Works with bash 3.2 (macOS).
# They set root, the checkout's directory.
# shellcheck shell=bash disable=SC2154

# Lua runs the code in these variables before anything else.
for variable in $(compgen -e | grep '^LUA_INIT' || true); do
  unset "$variable"
done

say() { printf '%s\n' "$*"; }
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

has_apt() { command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; }
is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

can_be_root() { [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null; }
as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

# Debian's LuaJIT comes in two packages that exclude each other, and nginx's Lua module needs luajit2: an installed one is kept.
luajit_packages() {
  if is_installed luajit; then
    say "luajit libluajit-5.1-dev"
  else
    say "luajit2 libluajit2-5.1-dev"
  fi
}

lua_packages() {
  case $1 in
    jit) luajit_packages ;;
    5.1) say "lua5.1 liblua5.1-0-dev" ;;
    *) say "lua$1 liblua$1-dev" ;;
  esac
}

# The missing dependencies of a build, from any source.
build_packages() {
  local packages="libc6-dev"
  command -v cmake >/dev/null || packages="$packages cmake"
  command -v make >/dev/null || packages="$packages make"
  command -v cc >/dev/null || packages="$packages gcc"
  printf '#include <curl/curl.h>\n' | cc -E - >/dev/null 2>&1 || packages="$packages libcurl4-openssl-dev"
  say "$packages"
}

# with_clock log command...: in a terminal, says how many seconds the command has been running.
with_clock() {
  local log=$1 process began=$SECONDS
  shift
  if [ ! -t 2 ]; then
    "$@" >"$log" 2>&1
    return
  fi
  "$@" >"$log" 2>&1 &
  process=$!
  while kill -0 "$process" 2>/dev/null; do
    sleep 1
    printf '\r  %d s ' $((SECONDS - began)) >&2
  done
  printf '\r\033[K' >&2
  wait "$process"
}

# install_packages package...: prints which Debian packages are missing, then installs them. On other systems it does nothing.
install_packages() {
  if ! has_apt; then
    say "No apt-get here, so nothing is installed. Needed: a C compiler, CMake 3.20, libcurl and Lua with their headers, and" \
      "from LuaRocks busted, lua-cjson, luasocket and http."
    return 0
  fi
  local package log packages_missing="" unavailable="" wanted=""
  for package in "$@"; do
    case "$packages_missing " in *" $package "*) continue ;; esac
    is_installed "$package" || packages_missing="$packages_missing $package"
  done
  [ -n "$packages_missing" ] || return 0
  say "Installing with apt-get:$packages_missing"
  if ! can_be_root; then
    say "That needs root, and there is no sudo: going on with what is there"
    return 0
  fi
  as_root apt-get -qq update || say "apt-get update failed; going on with the package lists that are there"
  for package in $packages_missing; do
    case $(apt-cache policy "$package" 2>/dev/null) in
      "" | *"Candidate: ("*) unavailable="$unavailable $package" ;;
      *) wanted="$wanted $package" ;;
    esac
  done
  [ -z "$unavailable" ] || say "This release has no package:$unavailable"
  [ -n "$wanted" ] || return 0
  log=$(mktemp)
  # shellcheck disable=SC2086 # a list of package names
  with_clock "$log" as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
    install -y --no-install-recommends $wanted || {
    tail -n 30 "$log" >&2
    fail "apt-get could not install:$wanted"
  }
  rm -f "$log"
}

# find_lua version: the interpreter's command, or nothing.
find_lua() {
  local command
  case $1 in
    jit) command -v luajit || true ;;
    *)
      for command in "lua$1" "lua-$1" "lua${1/./}" lua; do
        if command -v "$command" >/dev/null && [ "$("$command" -e 'print(_VERSION)' 2>/dev/null)" = "Lua $1" ]; then
          command -v "$command"
          return
        fi
      done
      ;;
  esac
}

lua_name() { if [ "$1" = jit ]; then say "LuaJIT"; else say "Lua $1"; fi; }

# The version: all others are derived from it, or checked against it by .ci/release.
project_version() { sed -n 's/^  VERSION \([0-9][0-9.]*\)$/\1/p' "$root/CMakeLists.txt"; }

# set_lua_paths version directory: sets lua_paths to the variables that make the checkout's Lua files, and the module built in
# directory, the first that the interpreter of that version finds: env "${lua_paths[@]}" lua5.4 ...
# Lua 5.2 to 5.4 prefer variables of their own; each gets its own build, so that a server that a spec starts on another version
# does not load this one's module. Debian keeps pure Lua libraries for every version in 5.1's directory.
set_lua_paths() {
  local version directory suffix path cpath
  lua_paths=()
  for version in 5.1 5.2 5.3 5.4; do
    directory=$root/build/$version
    if [ "$version" = "$1" ] || [ "$version$1" = 5.1jit ]; then directory=$2; fi
    if [ "$version" = 5.1 ]; then suffix=""; else suffix=_${version/./_}; fi
    path=LUA_PATH$suffix
    cpath=LUA_CPATH$suffix
    path=${!path:-${LUA_PATH-}}
    cpath=${!cpath:-${LUA_CPATH-}}
    lua_paths+=(
      "LUA_PATH$suffix=$root/lua/?.lua;$root/lua/?/init.lua;./?.lua;${path:+$path};/usr/share/lua/5.1/?.lua;/usr/share/lua/5.1/?/init.lua"
      "LUA_CPATH$suffix=$directory/?.so;${cpath:+$cpath};"
    )
  done
}

processors() { getconf _NPROCESSORS_ONLN 2>/dev/null || say 2; }

# record log: writes the log of a build; in a terminal, prints its progress.
record() {
  local line
  if [ ! -t 2 ]; then
    cat >"$1"
    return
  fi
  while IFS= read -r line; do
    printf '%s\n' "$line"
    case $line in "["*"%]"*) printf '\r  %s ' "${line%%\]*}]" >&2 ;; esac
  done >"$1"
  printf '\r\033[K' >&2
}

# build_module version directory [cmake options...]: the output is in the directory's build.log, printed when the build fails.
# VAULT_CURL is the prefix of the libcurl to use, the system's when empty.
build_module() {
  local version=$1 directory=$2
  shift 2
  mkdir -p "$directory"
  if ! (
    set -o pipefail
    { cmake -S "$root" -B "$directory" -DLUA_VERSION="$version" -DVAULT_CURL="${VAULT_CURL-}" "$@" && cmake --build "$directory" --parallel "$(processors)"; } \
      2>&1 | record "$directory/build.log"
  ); then
    tail -n 40 "$directory/build.log" >&2
    return 1
  fi
}

find_sources() { find "$@" -path ./build -prune -o -path ./node_modules -prune -o -type f -print; }
c_sources() { find_sources src spec/support examples bench | grep -E '\.[ch]$'; }
lua_sources() {
  find_sources lua spec examples bench | grep '\.lua$'
  printf "%s\n" .ci/*.lua .ci/api/*.lua .ci/reference/*.lua .busted .luacheckrc rockspec/*.rockspec
}

# stylua [--write] files...: StyLua's WebAssembly package, kept in build/stylua.
stylua_version=2.5.2
stylua() {
  local home=$root/build/stylua
  local package=$home/node_modules/@johnnymorganz/stylua
  if ! grep -qs "\"version\": \"$stylua_version\"" "$package/package.json"; then
    npm install --silent --no-audit --no-fund --no-save --prefix "$home" "@johnnymorganz/stylua@$stylua_version" || return 1
  fi
  node "$root/.ci/stylua.mjs" "$package" "$@"
}

# check_responses records: the records of .ci/responses.mjs against the API's document, with ajv, kept in build/ajv. Several may run
# at once: each installs into a directory of its own, which the first one renames.
ajv_version=8.20.0
check_responses() {
  local home=$root/build/ajv-$ajv_version
  if [ ! -d "$home" ]; then
    npm install --silent --no-audit --no-fund --no-save --prefix "$home.$$" "ajv@$ajv_version" || return 1
    if [ -d "$home" ] || ! mv "$home.$$" "$home"; then rm -rf "$home.$$"; fi
  fi
  node "$root/.ci/responses.mjs" "$home" "$root/src/api/vault.json" "$1"
}
