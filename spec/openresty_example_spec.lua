--- examples/openresty over HTTP, with a hostile browser. Nothing is defined where nginx with Lua is
-- not installed.
local nginx = require "spec.support.nginx"
if not nginx.is_here() then
  return
end

local example = require "spec.support.openresty_example"
local vault = require "vault"

describe("the integrations page", function()
  local app, client, cookie, csrf_token

  setup(function()
    app = example.start()
    client = vault.new {
      server_url = app.vault_url,
      api_key = "sandbox-key",
      app_id = "sandbox-app",
      consumer_id = "sandbox-consumer",
    }
    local _, body, headers = app:request "/integrations?tab=available"
    cookie = headers["set-cookie"]:match "^[^;]+"
    csrf_token = body:match 'name="csrf_token" value="([^"]+)"'
  end)

  teardown(function()
    app:stop()
  end)

  local function post(path, fields)
    return app:request(path, { cookie = cookie, form = fields .. "&csrf_token=" .. csrf_token })
  end

  it("shows the same badges as Apideck's pages", function()
    local _, body = app:request "/integrations"
    local shown = {}
    for id, badge in body:gmatch '<li id="([^"]+)">.-<span class="badge %a+">([^<]+)<' do
      shown[id] = badge
    end
    assert.are.equal("Connected", shown["accounting-access-financials"])
    assert.are.equal("Input required", shown["crm-hubspot"])
    assert.are.equal("Disabled", shown["issue-tracking-jira"])
    assert.are.equal("Invalid configuration", shown["ats-lever"])
    assert.is_nil(shown["crm-pipedrive"])
  end)

  it("searches by name, and escapes the search text", function()
    local _, body = app:request "/integrations?q=hubs"
    assert.matches("HubSpot", body, 1, true)
    assert.not_matches("Jira", body, 1, true)
    _, body = app:request "/integrations?q=%22%3E%3Cscript%3E"
    assert.not_matches("<script", body, 1, true)
    assert.matches('value="&quot;&gt;&lt;script&gt;"', body, 1, true)
  end)

  it("refuses forms without the token of this browser", function()
    local path = "/integrations/crm/salesforce"
    local form = "do=enable&csrf_token=" .. csrf_token
    assert.are.equal(403, (app:request(path, { form = form }))) -- another browser's
    assert.are.equal(403, (app:request(path, { cookie = cookie, form = "do=enable" })))
    assert.are.equal(403, (post(path, "do=nonsense")))
    local connection = client.connections.get { unified_api = "crm", service_id = "salesforce" }
    assert.are.equal("available", connection.data.state)
  end)

  it("refuses a return from authorization that this browser has not started", function()
    local path = "/integrations/return?api=crm&service=pipedrive&state="
    assert.are.equal(403, (app:request(path)))
    assert.are.equal(403, (app:request(path .. csrf_token, { cookie = cookie })))
  end)

  it("encodes the return URL of a user that it redirects", function()
    assert.are.equal(303, (post("/integrations/crm/pipedrive", "do=enable")))
    local _, body = app:request("/integrations/crm/pipedrive", { cookie = cookie })
    local target = body:match 'id="authorize" href="([^"]+)"'
    local back = target:match "redirect_uri=([^&]+)$"
    assert.is_truthy(back:find("http%3A%2F%2F127.0.0.1%3A" .. app.port, 1, true))
    assert.is_nil(back:find "[?/:]")
    assert.matches("%%%x%xstate%%3D[%w_-]+", back)
    post("/integrations/crm/pipedrive", "do=delete")
  end)

  it("has a control for every type of field, and stores its values", function()
    local every = client.connections.list().data
    local types = {}
    for _, connection in ipairs(every) do
      for _, field in ipairs(connection.form_fields) do
        types[field.type] = types[field.type] or {}
        types[field.type][connection.unified_api .. "/" .. connection.service_id] = field
      end
    end
    local controls = {
      checkbox = 'type="checkbox"',
      textarea = "<textarea",
      select = "<select",
      ["filtered-select"] = "<%a+ ",
      ["multi-select"] = "<select multiple",
      datetime = 'type="datetime%-local"',
      date = 'type="date"',
      time = 'type="time"',
      number = 'type="number"',
      password = 'type="password"',
      tel = 'type="tel"',
      email = 'type="email"',
      url = 'type="url"',
      text = 'type="text"',
    }
    local seen = 0
    for kind, control in pairs(controls) do
      for path, field in pairs(types[kind] or {}) do
        if not field.hidden and not (field.sensitive and kind ~= "password") then
          post("/integrations/" .. path, "do=enable")
          local _, body = app:request("/integrations/" .. path, { cookie = cookie })
          local shown = body:match('<label for="field%-' .. field.id .. '">.-</div>')
          assert.matches(control, shown, nil, false, kind)
          seen = seen + 1
        end
      end
    end
    assert.is_true(seen >= 14, seen .. " only")
  end)

  it("sends no secret to the browser", function()
    local path = "/integrations/crm/activecampaign"
    post(path, "do=enable")
    post(path, "do=save&settings.base_url=https%3A%2F%2Fa.example&settings.api_key=hush-hush")
    local request = { unified_api = "crm", service_id = "activecampaign" }
    assert.are.equal("hush-hush", client.connections.get(request).data.settings.api_key)
    local _, body = app:request(path, { cookie = cookie })
    assert.not_matches("hush", body, 1, true)
    assert.matches("https://a.example", body, 1, true)
    post(path, "do=save&settings.base_url=&settings.api_key=")
    local settings = client.connections.get(request).data.settings
    assert.are.equal("hush-hush", settings.api_key)
    assert.is_nil(settings.base_url)
  end)

  it("links to http and https only, and escapes what Vault sends", function()
    local package_path = package.path
    package.path = "./examples/openresty/lua/?.lua;" .. package_path
    local html = require "html"
    package.path = package_path
    assert.is_nil(html.href "javascript:alert(1)")
    assert.is_nil(html.href " https://a.example")
    assert.is_nil(html.href(nil))
    assert.are.equal("https://a.example/?a=1&amp;b=&quot;", html.href 'https://a.example/?a=1&b="')
    assert.are.equal("<b>&lt;{name}</b>", html.fill("<b>{name}</b>", { name = "<{name}" }))
    assert.are.equal("<b></b>", html.fill("<b>{name}{{more}}</b>", {}))
  end)

  it("lets only consumers with a callable connection pass", function()
    local status, body = app:request "/deals/"
    assert.are.equal(403, status)
    assert.matches('id="connect" href="', body, 1, true)
    client.connections.imports {
      unified_api = "crm",
      service_id = "pipedrive",
      connection_import_data = { credentials = { access_token = "t", refresh_token = "r" } },
    }
    assert.is_true(nginx.until_true(function()
      return app:request "/deals/" == 200
    end, 5))
    post("/integrations/crm/pipedrive", "do=disable")
    assert.are.equal(403, (app:request "/deals/"))
    assert.matches('href="/integrations/crm/pipedrive"', select(2, app:request "/deals/"), 1, true)
  end)
end)

describe("the guard", function()
  local counted, app

  setup(function()
    counted = nginx.start {
      http = "lua_shared_dict calls 64k;",
      server = [[
        location = /calls { content_by_lua_block { ngx.print(ngx.shared.calls:get("n") or 0) } }
        location /vault/ {
          content_by_lua_block {
            ngx.shared.calls:incr("n", 1, 0)
            ngx.sleep(0.1)
            ngx.print('{"status_code":200,"data":{"enabled":true,"state":"callable"}}')
          }
        }
      ]],
    }
    app = example.start {
      APIDECK_API_KEY = "k",
      APIDECK_CONSUMER_ID = "c",
      APIDECK_SERVER_URL = counted.url,
    }
  end)

  teardown(function()
    app:stop()
    counted:stop()
  end)

  it("makes one call for many requests, over all workers", function()
    local here = setmetatable({ port = app.port }, { __index = nginx.methods })
    local outcomes = here:load("/deals/", 100, 0.2, function() end)
    local passed = outcomes[200]
    outcomes[200] = nil
    assert.are.same({}, outcomes)
    assert.is_true(passed >= 100)
    assert.are.equal("1", select(2, counted:get "/calls"))
  end)

  it("responds with 503 when Vault is unavailable", function()
    local without = example.start {
      APIDECK_API_KEY = "k",
      APIDECK_CONSUMER_ID = "c",
      APIDECK_SERVER_URL = "http://127.0.0.1:1",
    }
    local status, _, headers = without:request "/deals/"
    without:stop()
    assert.are.equal(503, status)
    assert.are.equal("5", headers["retry-after"])
  end)
end)
