# Sourced by scripts that need a sandbox: start_sandbox [options of lua/vault/sandbox/main.lua] builds the module for Lua 5.4,
# which the server runs on, starts the server and sets sandbox_url. It ends with the script. Its packages: sandbox_packages.
# The script has sourced .ci/setup.sh and set root.
# shellcheck shell=bash disable=SC2034,SC2154

sandbox_packages() { say "$(lua_packages 5.4) lua-cjson lua-http"; }

sandbox_process="" sandbox_output=""
stop_sandbox() {
  if [ -n "$sandbox_process" ]; then
    kill "$sandbox_process" 2>/dev/null || true
    wait "$sandbox_process" 2>/dev/null || true
  fi
  [ -z "$sandbox_output" ] || rm -f "$sandbox_output"
}

start_sandbox() {
  local lua lua_paths tries=0
  lua=$(find_lua 5.4)
  [ -n "$lua" ] || fail "the sandbox runs on Lua 5.4, and no lua5.4 or lua command is it"
  build_module 5.4 "$root/build/sandbox" || fail "the build failed; all of its output is in $root/build/sandbox/build.log"
  set_lua_paths 5.4 "$root/build/sandbox"
  sandbox_output=$(mktemp)
  trap stop_sandbox EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  env "${lua_paths[@]}" "$lua" "$root/lua/vault/sandbox/main.lua" --port 0 "$@" >"$sandbox_output" 2>&1 &
  sandbox_process=$!
  # At most ten seconds, until it prints its URL.
  until sandbox_url=$(grep -m 1 -o 'https\?://127\.0\.0\.1:[0-9]*' "$sandbox_output"); do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ] || ! kill -0 "$sandbox_process" 2>/dev/null; then
      cat "$sandbox_output" >&2
      fail "the sandbox did not start"
    fi
    sleep 0.1
  done
}
