local browser = require "spec.support.sandbox_browser"
local calls = require "spec.support.sandbox_calls"
local json = require "vault.sandbox.json"
local sandboxes = require "vault.sandbox"
local url = require "vault.sandbox.url"

local RETURN = "https://app.example/back?tab=1&x=y#top"

describe("vault.sandbox's pages", function()
  local sandbox

  before_each(function()
    sandbox = sandboxes.new { seed = 1 }
  end)

  local function open(page_url, redirect_uri)
    local query = "&redirect_uri=" .. url.encode(redirect_uri or RETURN)
    return browser.open(sandbox, page_url .. query)
  end

  local function press(page_url, page, decision)
    return browser.press(sandbox, page_url, page, { decision = decision })
  end

  local function walk(page_url, decision)
    local page = open(page_url)
    assert.equal(200, page.status)
    return press(page_url, page, decision)
  end

  it("authorize and revoke", function()
    local authorize_url = calls.get(sandbox, "crm+pipedrive").authorize_url
    local response = walk(authorize_url, "allow")
    assert.equal(303, response.status)
    assert.equal(RETURN, response.headers.location)
    local row = calls.get(sandbox, "crm+pipedrive")
    assert.equal("callable", row.state)
    assert.equal(authorize_url, row.authorize_url)
    assert.is_true(row.enabled)

    assert.equal(303, walk(row.revoke_url, "allow").status)
    row = calls.get(sandbox, "crm+pipedrive")
    assert.equal("added", row.state)
    assert.equal("revoked", row.health)
    assert.equal(json.null, row.revoke_url)
    assert.is_number(row.created_at)

    walk(authorize_url, "allow")
    assert.equal("ok", calls.get(sandbox, "crm+pipedrive").health)
  end)

  it("leave a connection without its required settings authorized", function()
    walk(calls.get(sandbox, "crm+salesforce").authorize_url, "allow")
    assert.equal("authorized", calls.get(sandbox, "crm+salesforce").state)
  end)

  it("add the settings known only then, such as the company id", function()
    local metadata = { company_id = "own", plan = "x" }
    local before = calls.update(sandbox, "accounting+quickbooks", { metadata = metadata })
    assert.same({ plan = "x" }, before.metadata)
    walk(calls.get(sandbox, "accounting+quickbooks").authorize_url, "allow")
    local row = calls.get(sandbox, "accounting+quickbooks")
    assert.equal("4620816365001234567", row.settings.realm_id)
    assert.equal("4620816365001234567", row.metadata.company_id)
    row = calls.update(sandbox, row.id, { metadata = { company_id = "own" } })
    assert.equal("4620816365001234567", row.metadata.company_id)
  end)

  it("wait for a confirmation where the connector needs one", function()
    local id = "file-storage+sharepoint"
    calls.update(sandbox, id, { settings = { tenant = "t" } })
    walk(calls.get(sandbox, id).authorize_url, "allow")
    assert.equal("pending_confirmation", calls.get(sandbox, id).health)
  end)

  it("report to the application that the user has denied access", function()
    local response = walk(calls.get(sandbox, "crm+pipedrive").authorize_url, "deny")
    assert.equal(303, response.status)
    local expected = "https://app.example/back?tab=1&x=y&error=access_denied#top"
    assert.equal(expected, response.headers.location)
    assert.equal("available", calls.get(sandbox, "crm+pipedrive").state)
  end)

  it("refuse connections that cannot be authorized", function()
    local function status(id)
      return open(calls.get(sandbox, id).authorize_url).status
    end
    assert.equal(422, status "ecommerce+shopify")
    assert.equal(422, status "ecommerce+magento")
    calls.update(sandbox, "ecommerce+shopify", { settings = { shop_url = "a" } })
    assert.equal(200, status "ecommerce+shopify")
    calls.update(sandbox, "ecommerce+shopify", { enabled = false })
    assert.equal(422, status "ecommerce+shopify")
    local revoke_url = calls.get(sandbox, "crm+hubspot").revoke_url
    sandbox:simulate { event = "revoked", service_id = "hubspot", unified_api = "crm" }
    assert.equal(422, open(revoke_url).status)
  end)

  it("refuse a form that did not come from the page", function()
    local authorize_url = calls.get(sandbox, "crm+pipedrive").authorize_url
    local page = open(authorize_url)
    page.body = page.body:gsub('name="csrf_token" value="%x+"', 'name="csrf_token" value="0"')
    assert.equal(403, press(authorize_url, page, "allow").status)
    assert.equal("available", calls.get(sandbox, "crm+pipedrive").state)
    assert.equal(400, press(authorize_url, open(authorize_url), "perhaps").status)
  end)

  it("refuse an unknown state, and that of another connection", function()
    local authorize_url = calls.get(sandbox, "crm+pipedrive").authorize_url
    assert.equal(404, open((authorize_url:gsub("state=%x", "state=z"))).status)
    assert.equal(404, open((authorize_url:gsub("pipedrive", "hubspot"))).status)
    assert.equal(404, open((authorize_url:gsub("sandbox%-app", "other-app"))).status)
    assert.equal(404, open((authorize_url:gsub("%?state=%x+", "?x=1"))).status)
  end)

  it("redirect to absolute http and https URLs only", function()
    local authorize_url = calls.get(sandbox, "crm+pipedrive").authorize_url
    for _, target in ipairs {
      "javascript:alert(1)",
      "/back",
      "//other.example",
      "https://",
      "https://a.example/\r\nset-cookie: a=b",
      "https://a.example/a b",
      "",
    } do
      assert.equal(400, open(authorize_url, target).status, target)
    end
    local bare = { method = "GET", url = authorize_url, headers = {} }
    assert.equal(400, sandbox:handle(bare).status)
  end)

  it("escape all values, and allow no scripts", function()
    local target = 'https://app.example/"><script>&'
    local authorize_url = calls.get(sandbox, "crm+pipedrive").authorize_url
    local page = open(authorize_url, target)
    assert.is_nil(page.body:find("<script", 1, true))
    assert.is_truthy(page.body:find("&quot;&gt;&lt;script&gt;&amp;", 1, true))
    assert.matches("default%-src 'none'", page.headers["content-security-policy"])
    assert.equal("no-store", page.headers["cache-control"])
    assert.equal(target, press(authorize_url, page, "allow").headers.location)
  end)

  it("accept GET and POST only", function()
    local authorize_url = calls.get(sandbox, "crm+pipedrive").authorize_url
    local response = sandbox:handle { method = "PUT", url = authorize_url, headers = {} }
    assert.equal(405, response.status)
    assert.equal("GET, POST", response.headers.allow)
  end)
end)
