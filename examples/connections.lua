-- A tour of the connections API. Run it with examples/quickstart, or by itself with APIDECK_API_KEY, APIDECK_APP_ID and
-- APIDECK_CONSUMER_ID set (and APIDECK_SERVER_URL for a server other than Apideck's).
local usage = [[
usage: lua examples/connections.lua [--api NAME] [--write] [--help]

  --api NAME  the unified API whose connections are listed (default: crm)
  --write     against a server that is not on this machine: also take the steps that change something. They put made-up
              settings and tokens into the consumer's connections crm/activecampaign, crm/pipedrive and
              crm/microsoft-dynamics, and delete the first. Use a consumer made for tests.
  --help      this text
]]

local vault = require "vault"

local function read_arguments(arguments)
  local options = { api = "crm" }
  local index = 1
  while arguments[index] do
    local name = arguments[index]
    if name == "--help" or name == "-h" then
      options.help = true
    elseif name == "--write" then
      options.write = true
    elseif name == "--api" and arguments[index + 1] then
      index = index + 1
      options.api = arguments[index]
    else
      return nil, "unknown or incomplete argument: " .. name
    end
    index = index + 1
  end
  return options
end

local function heading(text)
  print(("\n%s\n%s"):format(text, ("-"):rep(#text)))
end

-- Prints rows of strings in columns; the first row is the head.
local function print_table(rows)
  local widths = {}
  for _, row in ipairs(rows) do
    for column, text in ipairs(row) do
      widths[column] = math.max(widths[column] or 0, #text)
    end
  end
  for _, row in ipairs(rows) do
    local cells = {}
    for column, text in ipairs(row) do
      cells[column] = text .. (" "):rep(widths[column] - #text)
    end
    print("  " .. (table.concat(cells, "  "):gsub("%s+$", "")))
  end
end

local function print_connection(connection)
  print_table {
    { "name", connection.name },
    { "state", connection.state },
    { "enabled", tostring(connection.enabled) },
    { "authorization", connection.oauth_grant_type or connection.auth_type },
    { "health", connection.health or "-" },
  }
end

local function list(client, options)
  heading("Connections of the " .. options.api .. " API")
  local result, response = client.connections.list { api = options.api }
  local rows = { { "SERVICE", "NAME", "STATE", "AUTHORISATION" } }
  for _, connection in ipairs(result.data) do
    local authorization = connection.oauth_grant_type or connection.auth_type or "-"
    rows[#rows + 1] = { connection.service_id, connection.name, connection.state, authorization }
  end
  print_table(rows)
  print(("  %d connections in %.0f ms"):format(#result.data, response.elapsed_ms))
end

local function get(client)
  heading "One connection"
  local result = client.connections.get { service_id = "pipedrive", unified_api = "crm" }
  print_connection(result.data)
end

-- A connector with an API key is callable as soon as its settings are set.
local function update(client)
  heading "Settings"
  local result = client.connections.update {
    service_id = "activecampaign",
    unified_api = "crm",
    connection = {
      enabled = true,
      settings = { base_url = "https://acme.api-us1.com", api_key = "made-up" },
      metadata = { account = "Acme", tags = vault.array() },
    },
  }
  print_connection(result.data)
end

-- Tokens that your own OAuth application has can be imported without another authorization by the user.
local function import(client)
  heading "Credentials from elsewhere"
  local result = client.connections.imports {
    service_id = "pipedrive",
    unified_api = "crm",
    connection_import_data = {
      credentials = {
        access_token = "made-up",
        refresh_token = "made-up-too",
        issued_at = os.time(),
        expires_in = 3600,
      },
    },
  }
  print_connection(result.data)
end

-- Grants without a user: when the settings are set, Apideck gets a token from the service and stores it.
local function token(client)
  heading "An access token for client_credentials"
  local connection = { service_id = "microsoft-dynamics", unified_api = "crm" }
  client.connections.update {
    service_id = connection.service_id,
    unified_api = connection.unified_api,
    connection = {
      settings = {
        client_id = "made-up",
        client_secret = "made-up",
        environment = "https://acme.crm.dynamics.com",
      },
    },
  }
  print_connection(client.connections.token(connection).data)
end

-- Errors are tables: their fields are for the program, tostring gives a message.
local function show_error(client)
  heading "What an error looks like"
  local ok, err = pcall(client.connections.get, {
    service_id = "no-such-service",
    unified_api = "crm",
  })
  assert(not ok and vault.is_error(err), err)
  print("  " .. tostring(err))
  print_table {
    { "name", err.name },
    { "status_code", tostring(err.status_code) },
    { "type_name", tostring(err.type_name) },
    { "operation", err.operation },
    { "attempts", tostring(err.attempts) },
  }
end

local function delete(client)
  heading "Deleting"
  local connection = { service_id = "activecampaign", unified_api = "crm" }
  local result = client.connections.delete(connection)
  print(("  deleted: %d %s"):format(result.status_code, result.status))
  print("  it is now: " .. client.connections.get(connection).data.state)
end

local function is_on_this_machine(url)
  local host = url:match "^%a+://([%w.]+)"
  return host == "localhost" or (host or ""):find "^127%." ~= nil
end

local function main()
  local options, problem = read_arguments(arg)
  if not options then
    io.stderr:write(problem, "\n", usage)
    return 2
  elseif options.help then
    io.write(usage)
    return 0
  end

  local steps = { list, get, show_error }
  if options.write or is_on_this_machine(os.getenv "APIDECK_SERVER_URL" or "") then
    steps = { list, get, update, import, token, show_error, delete }
  end
  local ok, err = pcall(function()
    local client = vault.new() -- configured by APIDECK_API_KEY and the like
    for _, step in ipairs(steps) do
      step(client, options)
    end
    client:close()
  end)
  if not ok then
    io.stderr:write("\n", tostring(err), "\n")
    return 1
  end
  return 0
end

os.exit(main())
