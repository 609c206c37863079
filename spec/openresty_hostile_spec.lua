--- examples/openresty with a hostile Vault, which has HTML in every field and script URLs, and with forms of
-- other sites. Nothing is defined where nginx with Lua is not installed.
local nginx = require "spec.support.nginx"
if not nginx.is_here() then
  return
end

local cjson = require("cjson").new()
local http = require "socket.http"
local example = require "spec.support.openresty_example"

local BREAK = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>{{name}}{csrf_token}"
local SCRIPTS = {
  "javascript:alert(3)",
  "JaVaScRiPt:alert(3)",
  " javascript:alert(3)",
  "java\nscript:alert(3)",
  "data:text/html,<script>alert(3)</script>",
  "vbscript:alert(3)",
  "//evil.example/",
  'https://evil.example/" onmouseover="alert(3)',
}
local FIELD_TYPES = {
  "text",
  "textarea",
  "checkbox",
  "boolean",
  "select",
  "filtered-select",
  "multi-select",
  "datetime",
  "date",
  "number",
  "password",
  "copy",
  "info",
  "url",
  BREAK,
}

local function form_field(kind, i, custom)
  return {
    id = BREAK .. i,
    type = kind,
    label = BREAK,
    description = BREAK,
    placeholder = BREAK,
    prefix = BREAK,
    suffix = BREAK,
    value = BREAK,
    allow_custom_values = custom,
    required = i % 2 == 0,
    options = {
      { label = BREAK, value = BREAK },
      { label = BREAK, options = { { label = BREAK, value = BREAK } } },
    },
  }
end

-- One for every URL: icon, website, and the redirects of a user.
local function hostile_connection(i)
  local fields = {}
  for _, kind in ipairs(FIELD_TYPES) do
    fields[#fields + 1] = form_field(kind, #fields + 1, false)
    fields[#fields + 1] = form_field(kind, #fields + 1, true)
  end
  local script = SCRIPTS[i]
  return {
    id = BREAK,
    unified_api = BREAK,
    service_id = BREAK .. i,
    name = BREAK,
    tag_line = BREAK,
    icon = script,
    logo = script,
    website = script,
    state = i % 2 == 0 and "added" or BREAK,
    integration_state = BREAK,
    auth_type = "oauth2",
    oauth_grant_type = BREAK,
    enabled = true,
    authorize_url = script,
    revoke_url = script,
    form_fields = fields,
    settings = { [BREAK] = BREAK },
  }
end

-- No tag, attribute or address from Vault.
local function assert_harmless(page, what)
  assert.is_nil(page:find("<script", 1, true), what)
  assert.is_nil(page:find("<img src=x", 1, true), what)
  local without_values = page:gsub('="[^"]*"', '=""'):lower()
  assert.is_nil(without_values:find "<[^>]*%son%a+%s*=", what)
  for name, value in page:gmatch '%s(%a+)="([^"]*)"' do
    if name == "href" or name == "src" or name == "action" then
      local allowed = value:find "^https?://" or value:find "^/[^/]"
      assert(allowed, ("%s: %s=%q"):format(what, name, value))
    end
  end
end

describe("the integrations page with a hostile Vault", function()
  local vault_server, app

  setup(function()
    local connections = {}
    for i = 1, #SCRIPTS do
      connections[i] = hostile_connection(i)
    end
    local location = "location = /vault/connections%s { content_by_lua_block { "
      .. "ngx.print(ngx.shared.responses:get(%q)) } }"
    local parts = {
      location:format("", "list"),
      location:format("/crm/pipedrive", "1"),
      [[
        location = /set { client_max_body_size 4m; client_body_buffer_size 4m; content_by_lua_block {
          ngx.req.read_body()
          ngx.shared.responses:set(ngx.var.arg_key, ngx.req.get_body_data())
        } }
        location /vault/ { content_by_lua_block {
          ngx.status = 404
          ngx.print(ngx.shared.responses:get("error"))
        } }
      ]],
    }
    for i = 1, #SCRIPTS do
      parts[#parts + 1] = location:format("/crm/s" .. i, tostring(i))
    end
    vault_server = nginx.start {
      http = "lua_shared_dict responses 8m;",
      server = table.concat(parts, "\n"),
    }
    local function set(key, value)
      local _, status = http.request(vault_server.url .. "/set?key=" .. key, cjson.encode(value))
      assert(status == 200, status)
    end
    set("list", { status_code = 200, data = connections })
    for i, connection in ipairs(connections) do
      set(i, { status_code = 200, data = connection })
    end
    set("error", { status_code = 404, message = BREAK, type_name = BREAK, detail = BREAK })
    app = example.start {
      APIDECK_API_KEY = "k",
      APIDECK_CONSUMER_ID = "c",
      APIDECK_SERVER_URL = vault_server.url,
    }
  end)

  teardown(function()
    app:stop()
    vault_server:stop()
  end)

  it("shows the list without a tag or a script from Vault", function()
    for _, tab in ipairs { "added", "available" } do
      local status, body = app:request("/integrations?tab=" .. tab)
      assert.equal(200, status)
      assert_harmless(body, tab)
    end
    local _, body, headers = app:request "/integrations"
    assert.matches("&lt;script&gt;", body, 1, true)
    assert.matches("default-src 'none'", headers["content-security-policy"], 1, true)
  end)

  it("shows each connection without a tag, a script or a script URL from Vault", function()
    for i, script in ipairs(SCRIPTS) do
      local status, body = app:request("/integrations/crm/s" .. i)
      assert.equal(200, status, body)
      assert.matches("&lt;script&gt;", body, 1, true)
      assert_harmless(body, script)
      assert.is_nil(body:find('id="authorize" href="[^h]', 1, false))
    end
  end)

  it("shows Vault's error messages as text", function()
    local status, body = app:request "/integrations/crm/nothing"
    assert.equal(404, status)
    assert.matches("&lt;script&gt;", body, 1, true)
    assert_harmless(body, "error")
  end)

  it("redirects from the guard to no script URL", function()
    local status, body = app:request "/deals/"
    assert.equal(403, status)
    assert_harmless(body, "guard")
  end)

  it("shows nothing harmful at paths with encoded dots, slashes and line breaks", function()
    for _, path in ipairs {
      "/integrations/crm/..%2f..%2fx",
      "/integrations/%2e%2e/%2e%2e",
      "/integrations/crm/a%0d%0aset-cookie:x",
    } do
      local status, body, headers = app:request(path)
      assert.is_true(status >= 400 or status == 302, status)
      assert.is_nil(
        (headers["set-cookie"] or ""):find("x", 1, true) and headers["set-cookie"]:match "^x"
      )
      assert_harmless(body, path)
    end
  end)
end)

describe("a form sent from another site", function()
  local app, cookie, page

  setup(function()
    app = example.start()
    local _, body, headers = app:request "/integrations?tab=available"
    cookie = headers["set-cookie"]:match "^[^;]+"
    page = body
  end)

  teardown(function()
    app:stop()
  end)

  it("has no effect, whichever button it names", function()
    local path = "/integrations/crm/salesforce"
    local token = page:match 'name="csrf_token" value="([^"]+)"'
    local _, _, headers = app:request "/integrations?tab=available"
    local other = headers["set-cookie"]:match "^[^;]+"
    for _, action in ipairs { "enable", "disable", "delete", "token", "save" } do
      for _, attempt in ipairs {
        { form = "do=" .. action }, -- no cookie, no token
        { form = "do=" .. action, cookie = cookie },
        { form = "do=" .. action .. "&csrf_token=", cookie = cookie },
        { form = "do=" .. action .. "&csrf_token=" .. token }, -- SameSite keeps the cookie back
        { form = "do=" .. action .. "&csrf_token=" .. token, cookie = other },
        {
          form = ("do=%s&csrf_token=%s&csrf_token=%s"):format(action, token, token),
          cookie = cookie,
        },
        { form = ("do=%s&csrf_token=%s"):format(action, token:reverse()), cookie = cookie },
      } do
        assert.equal(403, (app:request(path, attempt)), action)
      end
    end
    local _, body = app:request("/integrations?tab=available", { cookie = cookie })
    assert.matches('id="crm-salesforce"', body, 1, true) -- still to be added
  end)

  it("cannot be replaced by a link", function()
    local token = page:match 'name="csrf_token" value="([^"]+)"'
    app:request("/integrations/crm/salesforce?do=enable&csrf_token=" .. token, { cookie = cookie })
    local _, body = app:request("/integrations?tab=available", { cookie = cookie })
    assert.matches('id="crm-salesforce"', body, 1, true)
  end)

  it("is prevented by a cookie that scripts and other sites cannot use", function()
    local _, _, headers = app:request "/integrations?tab=available"
    assert.matches("HttpOnly", headers["set-cookie"], 1, true)
    assert.matches("SameSite=Lax", headers["set-cookie"], 1, true)
  end)
end)
