-- Calls that fail: by the response, and before anything is sent.
local host, tools, scenarios = ...
local one = tools.one
local request = tools.request
local describe = tools.describe
local expect = tools.expect
local call_list = tools.call_list
local get_one = tools.get_one

local errors = {
  ["404"] = "NotFoundResponse",
  ["422"] = "UnprocessableResponse",
  html = "APIError",
  cut = "ResponseValidationError",
  text = "ResponseValidationError",
  redirect = "APIError",
  deep = "ResponseValidationError",
  reset = "ConnectionError",
  flaky = "",
}
-- Attempts without a connection leave too few for the server's later success.
local also = { flaky = "APIError" }
for server, raises in pairs(errors) do
  scenarios["response: " .. server] =
    { server = server, run = get_one, raises = raises, also = also[server] }
  scenarios["async response: " .. server] = {
    server = server,
    fresh = true,
    raises = raises,
    also = also[server],
    run = function(self)
      return describe(self.client.async.connections.get(one):wait())
    end,
  }
end
scenarios["response: large"] = {
  raises = "ResponseValidationError",
  server = "large",
  config = { max_response_bytes = 30000 },
  run = get_one,
}
scenarios["response: deleted before"] = {
  server = "reset",
  config = {
    hooks = {
      before_request = function(event)
        if event.attempt > 1 then
          event.url = event.url:gsub("reset", "404")
        end
      end,
    },
  },
  also = "NotFoundResponse", -- where the first attempt found no connection
  run = function(self)
    return self.client.connections.delete(one).status
  end,
}
scenarios["timeout"] = {
  raises = "RequestTimeoutError",
  server = "never",
  config = { timeout_ms = 10, retries = false },
  also = "RequestTimeoutError", -- after another time, in another phase
  run = get_one,
}
scenarios["refused"] = {
  raises = "ConnectionError",
  config = {
    server_url = "http://127.0.0.1:" .. host.closed_port,
    retries = { max_attempts = 2, backoff = { initial_interval = 1 } },
  },
  run = get_one,
}
scenarios["error as a line"] = {
  server = "422",
  prepare = function(self)
    local _, err = pcall(get_one, self)
    self.err = err
  end,
  run = function(self)
    expect(require("vault").is_error(self.err, "UnprocessableResponse"), "is_error")
    return tostring(self.err) .. tostring(self.client):gsub("%d+", "N")
  end,
}

local deep = {}
for _ = 1, 300 do
  deep = { deep }
end
local invalid = {
  ["missing field"] = { service_id = "a" },
  ["unknown field"] = { service_id = "a", unifiedApi = "crm" },
  ["wrong type"] = request { connection = { configuration = { { resource = 7 } } } },
  ["nested unknown field"] = request {
    connection = { configuration = { { defaults = { { optionS = 1, optionType = "a" } } } } },
  },
  ["not UTF-8"] = request { connection = { settings = { ["\255"] = "\255" } } },
  ["not a number"] = request { connection = { settings = { a = 0 / 0 } } },
  ["too deep"] = request { connection = { settings = deep } },
  ["dots"] = { service_id = "..", unified_api = "crm" },
  ["control character"] = request { consumer_id = "a\nb" },
}
for name, fields in pairs(invalid) do
  scenarios["invalid: " .. name] = {
    raises = "InvalidRequestError",
    run = function(self)
      return describe(self.client.connections.update(fields))
    end,
  }
end
scenarios["invalid: option"] = {
  raises = "InvalidRequestError",
  run = function(self)
    return call_list(self, nil, { retries = { backoff = { initial = 1 } } })
  end,
}
scenarios["invalid: async"] = {
  raises = "InvalidRequestError",
  fresh = true,
  run = function(self)
    return tostring(self.client.async.connections.get {})
  end,
}
