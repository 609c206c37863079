--- The phases of nginx in which the adapter allows a call to wait, tested without nginx, by the names
-- of the newest lua-resty-core and stream-lua-nginx-module.
local expect = require "spec.support.expect"
local loop = require "vault.loop"
local vault = require "vault"

if rawget(_G, "ngx") then -- the specs run in nginx
  return
end

-- NGX_HTTP_LUA_CONTEXT_YIELDABLE in lua-nginx-module 0.10.32.
local CAN_WAIT = {
  "rewrite",
  "server_rewrite",
  "access",
  "precontent",
  "content",
  "timer",
  "preread",
  "ssl_cert",
  "ssl_client_hello",
  "ssl_session_fetch",
  "proxy_ssl_cert",
  "proxy_ssl_verify",
}
local CANNOT = {
  "init",
  "init_worker",
  "exit_worker",
  "set",
  "balancer",
  "header_filter",
  "body_filter",
  "log",
  "ssl_session_store",
  "a phase of tomorrow",
}

describe("the nginx adapter", function()
  local phase, adapter, client

  setup(function()
    rawset(_G, "ngx", {
      get_phase = function()
        return phase
      end,
    })
    package.loaded["ngx.semaphore"] = {}
    client = vault.new { api_key = "k", loop = "none" }
    loop.bind(client, "nginx")
    adapter = require "vault.loop.nginx"
  end)

  teardown(function()
    client:close()
    rawset(_G, "ngx", nil)
    package.loaded["ngx.semaphore"], package.loaded["vault.loop.nginx"] = nil, nil
  end)

  for _, name in ipairs(CAN_WAIT) do
    it("allows calls in the phase " .. name, function()
      phase = name
      assert.is_nil(adapter.check())
    end)
  end

  for _, name in ipairs(CANNOT) do
    it("names the alternative in the phase " .. name, function()
      phase = name
      expect.says(adapter.check(), "'" .. name .. "'")
    end)
  end
end)
