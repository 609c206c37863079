--- The integrations page of examples/openresty, in a browser that runs no scripts. Nothing is
-- defined where nginx or the browser is not installed.
local browser = require "spec.support.browser"
local nginx = require "spec.support.nginx"
if not (nginx.is_here() and browser.is_here()) then
  return
end

local example = require "spec.support.openresty_example"

describe("the integrations page in a browser", function()
  local app, tab

  setup(function()
    app = example.start()
    tab = browser.start(nginx.free_port())
  end)

  teardown(function()
    tab:stop()
    app:stop()
  end)

  local function shows(selector, text)
    assert.are.equal(text, tab:text(selector, text))
  end

  it("connects and disconnects an OAuth integration", function()
    tab:open(app.url .. "/deals/")
    shows("#connect", "Connect Pipedrive")
    tab:open(app.url .. "/integrations?tab=available&q=pipe")
    shows("#crm-pipedrive .badge", "Not connected")
    tab:click "#crm-pipedrive button"
    shows(".notice", "The integration was added.")
    shows("#badge", "Unauthorized")
    assert.is_false(tab:has "#disconnect")

    tab:click "#authorize"
    shows("h1", "Connect Pipedrive")
    tab:click "button[value=allow]"
    shows(".notice", "You are back.")
    shows("#badge", "Connected")
    assert.are.equal(app.url .. "/integrations/crm/pipedrive?notice=back", tab:address())
    assert.is_false(tab:has "#authorize")
    tab:open(app.url .. "/deals/")
    assert.matches("Your deals", tab:source())

    tab:open(app.url .. "/integrations/crm/pipedrive")
    tab:click "#disconnect"
    tab:click "button[value=allow]"
    shows("#badge", "Unauthorized")
    tab:open(app.url .. "/deals/")
    shows("#connect", "Connect Pipedrive")
  end)

  it("reports that the user has denied access", function()
    tab:open(app.url .. "/deals/")
    tab:click "#connect"
    tab:click "button[value=deny]"
    shows(".notice", "You did not allow it, so nothing has changed.")
  end)

  it("stores settings, and never shows a secret again", function()
    tab:open(app.url .. "/integrations?tab=available")
    tab:click "#crm-activecampaign button"
    tab:type("#field-base_url", "https://acme.api-us1.com")
    tab:type("#field-api_key", "s3cret-value")
    tab:click "#field-sync_archived"
    tab:click "#save"
    shows(".notice", "The settings were saved.")
    shows("#badge", "Connected")
    assert.matches("https://acme.api-us1.com", tab:source(), 1, true)
    assert.is_true(tab:has "#field-sync_archived:checked")
    assert.not_matches("s3cret", tab:source())
    tab:click "#save" -- an empty input keeps the secret
    shows("#badge", "Connected")
  end)

  it("disables and deletes", function()
    tab:open(app.url .. "/integrations/accounting/xero")
    tab:click "#disable"
    shows("#badge", "Disabled")
    tab:click "#enable"
    shows("#badge", "Connected")
    tab:click "#delete"
    shows(".notice", "The integration was deleted.")
    assert.is_false(tab:has "#accounting-xero")
  end)
end)
