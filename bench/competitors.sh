# Sourced by bench/run: which competitors there are, with the rows that they have, and their versions.
# shellcheck shell=bash disable=SC2154

sdk_version=0.52.2
libcurl_competitor=$out/5.4/bench/libcurl

blocking_rows=get,list_20,list_200,update,import
size_rows=size_1,size_4,size_16,size_64,size_256,size_1024,size_4096
concurrent_rows=concurrent_1,concurrent_32,concurrent_256
memory_rows=memory_get,memory_list_200,memory_concurrent_256

# can_load version module
can_load() {
  local command
  command=$(find_lua "$1")
  set_lua_paths "$1" "$out/$1"
  [ -n "$command" ] && env "${lua_paths[@]}" "$command" -e "require '$2'" 2>/dev/null
}

# Sets has_..., once: a competitor that is not installed is reported, and left out.
find_competitors() {
  has_jit=no has_lua_curl=no has_lua_http=no has_luasocket=no has_luasec=no has_sdk=no
  [ "$quick" = yes ] || [ -z "$(find_lua jit)" ] || has_jit=yes
  [ "$has_jit" = no ] || ! can_load jit curl || has_lua_curl=yes
  ! can_load 5.4 http.client || has_lua_http=yes
  ! can_load 5.4 socket || has_luasocket=yes
  ! can_load 5.4 ssl || has_luasec=yes
  ! command -v node >/dev/null || [ ! -e "$out/sdk/node_modules/@apideck/unify" ] || has_sdk=yes
}

# A copy of the SDK for the benchmark only.
install_sdk() {
  local manifest=$out/sdk/node_modules/@apideck/unify/package.json
  command -v npm >/dev/null || return 0
  grep -qs "\"version\": \"$sdk_version\"" "$manifest" ||
    npm install --silent --no-audit --no-fund --no-save --prefix "$out/sdk" "@apideck/unify@$sdk_version" ||
    say "npm could not install the SDK"
}

# add_competitor way name rows words...: a line of the plan for its chosen rows.
add_competitor() {
  local way=$1 name=$2 has url=http://127.0.0.1:$port version=1.1
  has=$(chosen "$3")
  shift 3
  [ -n "$has" ] || return 0
  case $way in
    tls) url=https://localhost:$((port + 1)) ;;
    http2) url=https://localhost:$((port + 2)) version=2 ;;
  esac
  printf '%s\t' "$way" "$name" "$has" "BENCH_URL=$url" "BENCH_HTTP=$version" "BENCH_CA=$scratch/certificate.pem" \
    "BENCH_PAYLOADS=$scratch" "$@" >>"$scratch/plan"
  printf '\n' >>"$scratch/plan"
}

# add_lua way version name rows script: with the competitors' directory and the module of that version on the paths.
add_lua() {
  local settings=() setting
  set_lua_paths "$2" "$out/$2"
  for setting in "${lua_paths[@]}"; do
    case $setting in
      LUA_PATH*) settings+=("${setting/=/=$root/bench/competitors/?.lua;}") ;;
      *) settings+=("$setting") ;;
    esac
  done
  add_competitor "$1" "$3" "$4" "${settings[@]}" "$(find_lua "$2")" "$root/bench/competitors/$5.lua"
}

# For each protocol, the competitors that support it, with their rows of sequential and concurrent calls.
add_way() {
  local way=$1 calls=$2 concurrent=$3 more="" all="" growth=""
  [ "$way" != plain ] || more=cold_start all=$more,$size_rows,$memory_rows growth=calls
  add_competitor "$way" libcurl "$calls,$concurrent,$all" "$libcurl_competitor" bare
  add_competitor "$way" "C + cjson" "$calls,$concurrent,$all,$growth" "$libcurl_competitor" cjson
  add_lua "$way" 5.4 "vault 5.4" "$calls,$concurrent,$all,$growth" module
  [ "$has_jit" = no ] || add_lua "$way" jit "vault JIT" "$calls,$concurrent,$all" module
  [ "$has_lua_curl" = no ] || [ "$way" = http2 ] || add_lua "$way" jit lua-curl "$calls,$more" lua_curl
  [ "$has_lua_http" = no ] || add_lua "$way" 5.4 lua-http "$calls,$concurrent,$more" lua_http
  if [ "$has_luasocket" = yes ] && [ "$way" != http2 ] && [ "$way$has_luasec" != tlsno ]; then
    add_lua "$way" 5.4 LuaSocket "$calls,$more" luasocket
  fi
  [ "$has_sdk" = no ] || [ "$way" = http2 ] || add_competitor "$way" SDK "$calls,$concurrent,$more" "BENCH_SDK=$out/sdk" \
    "NODE_EXTRA_CA_CERTS=$scratch/certificate.pem" node "$root/bench/competitors/sdk.mjs"
}

add_competitors() {
  : >"$scratch/plan"
  add_way plain "$blocking_rows" "$concurrent_rows"
  add_way tls get,list_20 concurrent_256
  add_way http2 get,list_20 concurrent_256
}

# version_of name command...: a line "name<TAB>first line of the output".
version_of() {
  local name=$1 line
  shift
  line=$("$@" 2>&1 | head -n 1) || true
  printf '%s\t%s\n' "$name" "$line"
}

lua_version_of() { # name version expression
  set_lua_paths "$2" "$out/$2"
  version_of "$1" env "${lua_paths[@]}" "$(find_lua "$2")" -e "io.write(tostring($3))"
}

print_versions() {
  version_of machine sed -n 's/^model name[^:]*: //p' /proc/cpuinfo
  version_of processors getconf _NPROCESSORS_ONLN
  version_of "load before" cut -d " " -f 1 /proc/loadavg
  version_of kernel uname -sr
  version_of compiler cc --version
  version_of server nginx -v
  version_of libcurl "$libcurl_competitor" version
  lua_version_of vault 5.4 'require("vault")._VERSION'
  version_of Lua "$(find_lua 5.4)" -v
  [ "$has_jit" = no ] || version_of LuaJIT "$(find_lua jit)" -v
  lua_version_of lua-cjson 5.4 'require("cjson")._VERSION'
  [ "$has_lua_curl" = no ] || lua_version_of lua-curl jit 'require("curl")._VERSION'
  [ "$has_lua_http" = no ] || lua_version_of lua-http 5.4 'require("http.version").version'
  [ "$has_luasocket" = no ] || lua_version_of LuaSocket 5.4 'require("socket")._VERSION'
  [ "$has_luasec" = no ] || lua_version_of LuaSec 5.4 'require("ssl")._VERSION'
  [ "$has_sdk" = no ] || printf 'SDK\t@apideck/unify %s, node %s\n' "$sdk_version" "$(node --version)"
}
