# Sourced by bench/run: the server of all competitors.
# shellcheck shell=bash disable=SC2154,SC2034

prepare_files() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$scratch/key.pem" -out "$scratch/certificate.pem" 2>/dev/null
  "$(find_lua 5.4)" "$root/bench/payload.lua" "$scratch"
  # nginx's workers do not run as root.
  chmod 755 "$scratch"
  chmod 644 "$scratch"/*.pem "$scratch"/*.json
}

# Sets server (its process) and port: plain, then TLS, then TLS with HTTP/2. Free ports are found by trying.
start_server() {
  local try base
  prepare_files
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
    kill "$server" 2>/dev/null || true
    wait "$server" || true
    say "nginx did not start (try $try): $(tail -n 1 "$scratch/server.start")" >&2
  done
  fail "nginx did not start"
}
