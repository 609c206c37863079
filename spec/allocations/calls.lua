-- Loading the module, making clients, the operations.
local _, tools, scenarios = ...
local url = tools.url
local one = tools.one
local request = tools.request
local new_client = tools.new_client
local describe = tools.describe
local expect = tools.expect
local call_list = tools.call_list
local ignore = tools.ignore

scenarios.load = {
  fresh = true,
  bare = true,
  run = function()
    return require("vault")._NAME
  end,
}

scenarios["load safe"] = {
  fresh = true,
  bare = true,
  run = function()
    return require("vault.safe")._NAME
  end,
  good = function()
    expect(require "vault.safe", "it was not loaded")
  end,
}

scenarios["load schema"] = {
  fresh = true,
  bare = true,
  run = function()
    return type(require "vault.schema")
  end,
  good = function()
    expect(require "vault.schema", "it was not loaded")
  end,
}

scenarios["first call"] = {
  fresh = true,
  bare = true,
  run = function(self)
    self.client = new_client()
    return call_list(self, { api = "crm", configured = true })
  end,
}

scenarios["default client"] = {
  fresh = true,
  bare = true,
  run = function()
    return describe(require("vault").connections.get(one))
  end,
}

local pem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
scenarios["new client"] = {
  bare = true,
  run = function(self)
    local config = {
      headers = { ["X-One"] = "1", ["x-two"] = 2 },
      retries = {
        strategy = "backoff",
        backoff = { initial_interval = 1, max_interval = 2, exponent = 2 },
      },
      retry_codes = { "5XX", "429" },
      user_agent = "agent",
      proxy = "",
      timeout_ms = 20000,
      connect_timeout_ms = 5000,
      max_connections = 3,
      http_version = "1.1",
      debug_logger = ignore,
      hooks = { on_error = ignore },
      loop = "none",
    }
    self.client = new_client("ok?tenant=7", config)
    return tostring(self.client):gsub("%d+", "N")
  end,
}

scenarios["new client, TLS options"] = {
  bare = true,
  run = function(self)
    local config = {
      tls = { ca_pem = pem, cert_file = "/dev/null", key_file = "/dev/null", ca_file = "/dev/null" },
    }
    self.client = new_client("ok", config)
    return call_list(self)
  end,
}

scenarios["new client refused"] = {
  raises = "InvalidRequestError",
  bare = true,
  run = function()
    return tostring(new_client("ok", { retrys = {} }))
  end,
}

scenarios.close = {
  prepare = call_list,
  run = function(self)
    self.client:close()
    return "closed"
  end,
  good = function(self)
    self.client:close()
    self.client = new_client()
    call_list(self)
  end,
}

-- --- the operations ---

tools.operations = {
  list = { api = "crm", configured = true },
  get = one,
  update = request {
    connection = {
      enabled = true,
      settings = {
        instance_url = "https://example.com/\226\130\172",
        numbers = { 1, 2.5, 1e15, -7 },
      },
      metadata = { tags = {}, ['a key with "quotes"'] = "line\nbreak" },
      configuration = { { resource = "leads", defaults = { { id = "a", value = "b" } } } },
    },
  },
  delete = one,
  imports = request {
    connection_import_data = {
      settings = { a = "b" },
      credentials = {
        access_token = "t0ps3cret",
        refresh_token = "r",
        issued_at = 1615563533,
        expires_in = 3600,
      },
    },
  },
  token = one,
  migrate = request { connection_migrate_data = { target_service_id = "other" } },
}
for name, fields in pairs(tools.operations) do
  scenarios[name] = {
    run = function(self)
      return describe(self.client.connections[name](fields))
    end,
  }
  scenarios["async " .. name] = {
    fresh = true,
    run = function(self)
      return describe(self.client.async.connections[name](fields):wait())
    end,
  }
end

local filter = {
  http_methods = { "GET", "POST" },
  status_codes = { 404 },
  start_date = 1615563533,
  path = "/a b",
}
scenarios["query of every type"] = {
  run = function(self)
    return describe(self.client.logs.list { filter = filter, cursor = "c", limit = 20 })
  end,
}
scenarios["query refused"] = {
  raises = "InvalidRequestError",
  run = function(self)
    return describe(self.client.logs.list { filter = { statuscode = 404 } })
  end,
}
scenarios["no consumer header"] = {
  config = { headers = { ["x-extra"] = "1" } },
  run = function(self)
    return describe(self.client.consumers.list { filter = { search = "a" } })
  end,
}

scenarios["list again"] = { prepare = call_list, run = call_list }
scenarios["list, deflate"] = { server = "deflate", run = call_list }
scenarios["list, nulls kept"] = { config = { keep_nulls = true }, run = call_list }
scenarios["options"] = {
  run = function(self)
    return call_list(self, { consumer_id = "other", app_id = "other" }, {
      server_url = url .. "ok/%41/?tenant=7",
      headers = { ["X-Extra"] = "1", authorization = false },
      timeout_ms = 20000,
      retries = false,
      retry_codes = { "500" },
    })
  end,
}
scenarios["key function"] = {
  config = {
    api_key = function()
      return "sk_" .. "made"
    end,
  },
  run = call_list,
}
