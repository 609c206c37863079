--- A sandbox in this process with a client of it, and a clock that a spec sets.
local sandboxes = require "vault.sandbox"
local vault = require "vault"

local START_MS = 1700000000000 -- 2023-11-14T22:13:20Z

--- Returns { sandbox, client, now }; `now`, in milliseconds, may be changed. `config` adds to the
-- client's configuration, `options` to the sandbox's.
return function(options, config)
  local self = { now = START_MS }
  local sandbox_options = {
    seed = 1,
    clock = function()
      return self.now
    end,
  }
  for name, value in pairs(options or {}) do
    sandbox_options[name] = value
  end
  self.sandbox = sandboxes.new(sandbox_options)
  local client_config = {
    api_key = "sandbox-key",
    app_id = "sandbox-app",
    consumer_id = "sandbox-consumer",
    transport = self.sandbox:transport(),
    retries = false,
  }
  for name, value in pairs(config or {}) do
    client_config[name] = value
  end
  self.client = vault.new(client_config)
  return self
end
