-- lua/vault/sandbox/operations/consumers.lua, by the client.
local calls = require "spec.support.sandbox_calls"
local expect = require "spec.support.expect"
local json = require "vault.sandbox.json"
local new_client = require "spec.support.sandbox_client"

describe("consumers of the sandbox", function()
  local setup, client

  before_each(function()
    setup = new_client { populated = false }
    client = setup.client
  end)

  local function create(consumer_id, metadata)
    local request = { consumer_id = consumer_id, metadata = metadata }
    return client.consumers.create({ create_consumer_request = request }).data
  end

  local function ids_of(rows)
    local ids = {}
    for index, row in ipairs(rows) do
      ids[index] = row.consumer_id
    end
    return table.concat(ids, " ")
  end

  it("are created, read, updated and deleted", function()
    local created = create("a b/c", { email = "a@b.example", user_name = "A" })
    assert.equal("a b/c", created.consumer_id)
    assert.equal("sandbox-app", created.application_id)
    assert.equal("2023-11-14T22:13:20.000Z", created.created)
    assert.same({}, created.connections)
    assert.equal(0, created.aggregated_request_count)

    setup.now = setup.now + 5000
    local updated = client.consumers.update({
      consumer_id = "a b/c",
      update_consumer_request = { metadata = { user_name = "B" } },
    }).data
    assert.equal("a@b.example", updated.metadata.email)
    assert.equal("B", updated.metadata.user_name)
    assert.equal("2023-11-14T22:13:25.000Z", updated.modified)
    assert.same(updated, client.consumers.get({ consumer_id = "a b/c" }).data)

    local deleted = client.consumers.delete { consumer_id = "a b/c" }
    assert.same({ consumer_id = "a b/c" }, deleted.data)
    local err = expect.error("NotFoundResponse", client.consumers.get, { consumer_id = "a b/c" })
    assert.same({ not_found = { entity = "consumer", id = "a b/c" } }, err.detail)
  end)

  it("exist from the first request that is made for them", function()
    expect.error("NotFoundResponse", client.consumers.get, { consumer_id = "sandbox-consumer" })
    client.connections.list()
    local row = client.consumers.get({ consumer_id = "sandbox-consumer" }).data
    assert.equal("sandbox-consumer", row.consumer_id)
  end)

  it("cannot be created twice", function()
    create "a"
    local request = { create_consumer_request = { consumer_id = "a" } }
    local err = expect.error("ConflictResponse", client.consumers.create, request)
    assert.equal("ConflictError", err.type_name)
    request.create_consumer_request.consumer_id = ""
    err = expect.error("BadRequestResponse", client.consumers.create, request)
    assert.equal("create_consumer_request.consumer_id", err.detail.invalid[1].path)
  end)

  it("lose their connections with them", function()
    client.connections.update {
      service_id = "github",
      unified_api = "issue-tracking",
      connection = { enabled = true },
    }
    client.consumers.delete { consumer_id = "sandbox-consumer" }
    local row =
      client.connections.get({ service_id = "github", unified_api = "issue-tracking" }).data
    assert.equal("available", row.state)
  end)

  it("show their connections, with times as text", function()
    client.connections.update {
      service_id = "activecampaign",
      unified_api = "crm",
      connection = { settings = { api_key = "k", base_url = "https://a.api-us1.com" } },
    }
    local row = client.consumers.get({ consumer_id = "sandbox-consumer" }).data
    assert.same({ "activecampaign" }, row.services)
    local connection = row.connections[1]
    assert.equal("crm+activecampaign", connection.id)
    assert.equal("callable", connection.state)
    assert.equal("ok", connection.health)
    assert.equal("k", connection.settings.api_key)
    assert.equal("2023-11-14T22:13:20.000Z", connection.created_at)
  end)

  it("are listed in pages, each once, while others are created", function()
    for index = 1, 45 do
      create(("c%02d"):format(index))
    end
    local first = client.consumers.list()
    assert.equal(20, #first.data)
    assert.equal(20, first.meta.items_on_page)
    local seen = {}
    local cursor, pages = nil, 0
    repeat
      local page = client.consumers.list { cursor = cursor, limit = 10 }
      for _, row in ipairs(page.data) do
        assert.is_nil(seen[row.consumer_id])
        seen[row.consumer_id] = true
        assert.is_nil(row.connections)
      end
      pages = pages + 1
      if pages == 2 then
        create "late"
        client.consumers.delete { consumer_id = "c01" }
      end
      cursor = page.meta.cursors.next
    until cursor == nil
    assert.equal(5, pages)
    assert.is_true(seen.late)
    assert.is_true(seen.c45)
  end)

  it("are iterated page by page", function()
    for index = 1, 7 do
      create("c" .. index)
    end
    local ids = {}
    for row in client.consumers.each { limit = 3 } do
      ids[#ids + 1] = row.consumer_id
    end
    assert.equal("c1 c2 c3 c4 c5 c6 c7", table.concat(ids, " "))
  end)

  it("have links to the next page", function()
    for index = 1, 3 do
      create("c" .. index)
    end
    local page = client.consumers.list { filter = { search = "c" }, limit = 2 }
    local current = "/vault/consumers?filter%5Bsearch%5D=c&limit=2"
    assert.equal("https://sandbox.invalid" .. current, page.links.current)
    local next_link = page.links.next
    assert.equal(page.links.current .. "&cursor=consumer%3A2%3D%3D", next_link)
    local response = calls.send(setup.sandbox, "GET", next_link)
    assert.equal("c3", response.json.data[1].consumer_id)
    assert.equal(json.null, response.json.links.next)
    assert.equal(next_link, response.json.links.current)
  end)

  it("are filtered by id and by text", function()
    create("one", { account_name = "ACME Belgium" })
    create("two", { email = "x@acme.example" })
    create "three"
    local function found(filter)
      return ids_of(client.consumers.list({ filter = filter }).data)
    end
    assert.equal("one two", found { search = "acme" })
    assert.equal("three", found { consumer_id = "three" })
    assert.equal("three", found { search = "THRE" })
    assert.equal("", found { consumer_id = "one", search = "x@" })
  end)

  it("are not listed for limits out of range and for cursors of another list", function()
    for _, request in ipairs {
      { limit = 0 },
      { limit = 201 },
      { cursor = "x" },
      { cursor = "log:1==" },
    } do
      local err = expect.error("BadRequestResponse", client.consumers.list, request)
      assert.equal("RequestValidationError", err.type_name)
    end
    assert.equal(0, #client.consumers.list({ limit = 200 }).data)
  end)

  it("have the counts of their requests, in a range too", function()
    client.connections.list()
    setup.now = setup.now + 60000
    client.connections.list()
    client.connections.list()
    local row = client.consumers.get({ consumer_id = "sandbox-consumer" }).data
    assert.equal(3, row.aggregated_request_count)
    assert.same({ unify = 0, proxy = 0, vault = 3 }, row.request_counts)
    local function counted(start_datetime, end_datetime)
      return client.consumer_request_counts.list({
        consumer_id = "sandbox-consumer",
        start_datetime = start_datetime,
        end_datetime = end_datetime,
      }).data
    end
    assert.equal(
      3,
      counted("2023-11-14T00:00:00Z", "2023-11-15T00:00:00Z").aggregated_request_count
    )
    local range = counted("2023-11-15T00:13:21+02:00", "2023-11-14T22:14:20.500Z")
    assert.equal(2, range.aggregated_request_count)
    assert.equal(2, range.request_counts.vault)
    assert.equal("sandbox-app", range.application_id)
    assert.equal("2023-11-14T22:14:20.500Z", range.end_datetime)
  end)

  it("are kept apart by application", function()
    setup = new_client({ populated = false, app_id = false }, { app_id = "one" })
    client = setup.client
    create "a"
    assert.equal(0, #client.consumers.list({ app_id = "two" }).data)
    assert.equal(1, #client.consumers.list({ app_id = "one" }).data)
  end)
end)
