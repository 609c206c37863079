-- Functions of the program's: hooks, loggers, transports.
local _, tools, scenarios = ...
local url = tools.url
local one = tools.one
local describe = tools.describe
local expect = tools.expect
local get_one = tools.get_one
local ignore = tools.ignore
local hooks = tools.hooks
local count_line = tools.count_line
local transport = tools.transport
local list_without_server = tools.list_without_server

scenarios["hooks"] = { config = { hooks = hooks }, run = get_one }
scenarios["hooks, retries"] =
  { server = "flaky", also = "APIError", config = { hooks = hooks }, run = get_one }
scenarios["hooks, error"] =
  { raises = "UnprocessableResponse", server = "422", config = { hooks = hooks }, run = get_one }
scenarios["hook that raises"] = {
  raises = "UnexpectedClientError",
  config = {
    hooks = {
      after_response = function()
        error { "of its own" }
      end,
    },
  },
  run = get_one,
  good = ignore, -- it raises again
}
scenarios["logger"] = {
  config = { debug_logger = count_line },
  run = function(self)
    return describe(self.client.connections.imports(tools.operations.imports))
  end,
}
scenarios["logger, error"] = {
  raises = "UnprocessableResponse",
  server = "422",
  config = { debug_logger = { debug = count_line } },
  run = get_one,
}
scenarios["logger, retries"] = {
  server = "flaky",
  also = "APIError",
  config = { debug_logger = count_line, hooks = hooks },
  run = get_one,
}
scenarios["logger, redirect"] = {
  raises = "APIError",
  server = "redirect",
  config = { debug_logger = count_line, debug_secrets = true },
  run = get_one,
}
scenarios["transport"] = {
  config = { transport = transport },
  run = function(self)
    return self.client.connections.list().status
  end,
  good = list_without_server,
}
scenarios["transport that fails"] = {
  raises = "ConnectionError",
  config = {
    transport = transport,
    retries = { max_attempts = 2, backoff = { initial_interval = 1 } },
  },
  run = function(self)
    return describe(self.client.connections.delete(one))
  end,
  good = list_without_server,
}
scenarios["safe"] = {
  raises = "NotFoundResponse",
  server = "404",
  bare = true,
  run = function(self)
    self.client = require("vault.safe").new { api_key = "a", server_url = url .. "404" }
    local result, err = self.client.connections.get(one)
    expect(not result, "a result")
    error(err, 0)
  end,
}
