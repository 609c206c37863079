# Sourced by bench/run: the server, and which rivals there are with the rows that they have.
# shellcheck shell=bash disable=SC2154

# Free ports are found by trying: another benchmark may run on the same machine.
start_server() {
  local try base
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$scratch/key.pem" -out "$scratch/certificate.pem" 2>/dev/null
  lua5.4 "$root/bench/payload.lua" "$scratch"
  # nginx's workers give up root.
  chmod 755 "$scratch"
  chmod 644 "$scratch"/*.pem "$scratch"/*.json
  for try in 1 2 3 4 5; do
    base=$((10000 + RANDOM % 20000))
    sed -e "s|@PLAIN@|$base|; s|@TLS@|$((base + 1))|; s|@HTTP2@|$((base + 2))|; s|@PREFIX@|$scratch|" \
      "$root/bench/server.conf" >"$scratch/server.conf"
    nginx -p "$scratch" -c server.conf 2>"$scratch/server.start" &
    server=$!
    for _ in {1..100}; do
      if [ -s "$scratch/server.pid" ]; then # written when it has all its ports
        port=$base
        return
      fi
      kill -0 "$server" 2>/dev/null || break
      sleep 0.05
    done
    say "nginx did not start (try $try): $(tail -n 1 "$scratch/server.start")" >&2
  done
  fail "nginx did not start"
}

# add_rival way name rows words...: a line of the plan for those of its rows that were asked for.
add_rival() {
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

# add_lua way version name rows script: with the rivals' directory and the module of that version on the paths.
add_lua() {
  local settings=() setting
  set_lua_paths "$2" "$root/build/bench/$2"
  for setting in "${lua_paths[@]}"; do
    case $setting in
      LUA_PATH*) settings+=("${setting/=/=$root/bench/rivals/?.lua;}") ;;
      *) settings+=("$setting") ;;
    esac
  done
  add_rival "$1" "$3" "$4" "${settings[@]}" "$(find_lua "$2")" "$root/bench/rivals/$5.lua"
}

blocking_rows=get,list_20,list_200,update,import
concurrent_rows=concurrent_1,concurrent_32,concurrent_256

add_rivals() {
  local way has libcurl=$root/build/bench/5.4/bench/libcurl
  for way in plain tls http2; do
    has=$blocking_rows,$concurrent_rows
    [ "$way" = plain ] || has=get,list_20,concurrent_256
    add_rival "$way" "libcurl alone" "$has" "$libcurl" bare
    add_rival "$way" "C + cjson" "$has" "$libcurl" cjson
    add_lua "$way" 5.4 "vault on Lua 5.4" "$has" module
    add_lua "$way" jit "vault on LuaJIT" "$has" module
  done
}
