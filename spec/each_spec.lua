-- Lists that come in pages, row by row: src/lua/each.c and each.lua.
local cjson = require "cjson"
local collect_garbage = require "spec.support.collect_garbage"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local loops = require "spec.support.loops"
local vault = require "vault"

local function page(rows, next_cursor)
  return {
    body = cjson.encode {
      status_code = 200,
      status = "OK",
      data = #rows > 0 and rows or cjson.decode "[]",
      meta = { items_on_page = #rows, cursors = { next = next_cursor } },
    },
  }
end

local function row(id)
  return { consumer_id = id }
end

local THREE = {
  page({ row "a", row "b" }, "c1"),
  page({ row "c" }, "c2"),
  page { row "d", row "e" },
}

-- As `for` does. On plain Lua 5.1 the iterator of a `for` cannot suspend a coroutine (lvm.c, OP_TFORLOOP),
-- but a function that is called can.
local function each_row(client, request, options, f)
  local next_row = client.consumers.each(request, options)
  local row_read = next_row()
  while row_read do
    f(row_read)
    row_read = next_row()
  end
end

local function ids_of(client, request, options)
  local ids = {}
  each_row(client, request, options, function(consumer)
    ids[#ids + 1] = consumer.consumer_id
  end)
  return table.concat(ids, " ")
end

-- What runs in the main coroutine or in one of a loop.
local drivers = {
  {
    name = "libcurl",
    run = function(f, ...)
      return f(...)
    end,
    config = {},
  },
}
for _, loop in ipairs(loops.installed()) do
  drivers[#drivers + 1] = { name = loop.name, run = loop.run, config = { loop = loop.name } }
end

local host = hosts.wire()

describe("each", function()
  teardown(function()
    host:stop()
  end)

  local function new(peer, driver, config)
    local all = { retries = false }
    for _, source in ipairs { driver and driver.config or {}, config or {} } do
      for name, value in pairs(source) do
        all[name] = value
      end
    end
    return host:client(peer, all)
  end

  for _, driver in ipairs(drivers) do
    describe("over " .. driver.name, function()
      it("is an iterator for the generic for", function()
        if _VERSION == "Lua 5.1" and not rawget(_G, "jit") and driver.name ~= "libcurl" then
          return
        end
        local peer = host:script(THREE)
        local client = new(peer, driver)
        local ids = driver.run(function()
          local found = {}
          for consumer in client.consumers.each() do
            found[#found + 1] = consumer.consumer_id
          end
          return table.concat(found, " ")
        end)
        assert.equal("a b c d e", ids)
        client:close()
      end)

      it("gives every row of every page once", function()
        local peer = host:script(THREE)
        local client = new(peer, driver)
        assert.equal("a b c d e", driver.run(ids_of, client))
        local cursors = {}
        for index, seen in ipairs(peer:requests()) do
          cursors[index] = seen.target:match "cursor=(%w+)" or "none"
        end
        assert.same({ "none", "c1", "c2" }, cursors)
        client:close()
      end)

      it("sends every other field of the request with every page", function()
        local peer = host:script(THREE)
        local client = new(peer, driver)
        local request = { filter = { search = "x y" }, limit = 2, app_id = "other" }
        driver.run(ids_of, client, request)
        local targets = {}
        for index, seen in ipairs(peer:requests()) do
          targets[index] = seen.target:match "%?(.*)$"
          assert.equal("other", seen:header "x-apideck-app-id")
        end
        local rest = "filter%5Bsearch%5D=x%20y"
        assert.same({
          rest .. "&limit=2",
          rest .. "&cursor=c1&limit=2",
          rest .. "&cursor=c2&limit=2",
        }, targets)
        assert.is_nil(request.cursor)
        client:close()
      end)

      it("raises the error of a page with its cursor, and goes on there", function()
        local pages = {
          THREE[1],
          { status = 500, body = "{}" },
          THREE[2],
          { status = 503, body = "{}" },
          THREE[3],
        }
        local peer = host:script(pages)
        local client = new(peer, driver)
        local seen, cursor = {}, nil
        local function read(from)
          each_row(client, { cursor = from }, nil, function(consumer)
            seen[#seen + 1] = consumer.consumer_id
          end)
        end
        for _, expected in ipairs { "c1", "c2" } do
          local passed, err = pcall(driver.run, read, cursor)
          assert.is_false(passed)
          assert.is_true(vault.is_error(err, "APIError"), tostring(err))
          assert.equal(expected, err.cursor)
          assert.equal("vault.consumers.list", err.operation)
          cursor = err.cursor
        end
        driver.run(read, cursor)
        assert.equal("a b c d e", table.concat(seen, " "))
        client:close()
      end)
    end)
  end

  it("works over a transport", function()
    local sent = {}
    local client = vault.new {
      api_key = "k",
      transport = function(request)
        sent[#sent + 1] = request.url
        return { status = 200, body = THREE[#sent].body }
      end,
    }
    assert.equal("a b c d e", ids_of(client))
    assert.equal(3, #sent)
  end)

  it("is there for logs, too, and on the module's default client", function()
    local client = vault.new {
      api_key = "k",
      transport = function()
        return { status = 200, body = '{"data":[{"id":"l"}]}' }
      end,
    }
    for log in client.logs.each() do
      assert.equal("l", log.id)
    end
    assert.equal("function", type(vault.consumers.each))
    assert.is_nil(client.connections.each)
    assert.is_nil(client.async.consumers.each)
  end)

  it("ends with an absent, a null and a blank cursor, and after an empty page", function()
    for _, last in ipairs { '{"data":[]}', '{"data":[],"meta":{}}', '{"meta":{}}', '{"data":1}' } do
      local peer = host:script { page({ row "a" }, "c1"), { body = last } }
      assert.equal("a", ids_of(new(peer)))
    end
    for _, cursor in ipairs { cjson.null, "", " " } do
      local peer = host:script { page({ row "a" }, cursor) }
      assert.equal("a", ids_of(new(peer)))
      assert.equal(1, #peer:requests())
    end
    local peer = host:script { page({ row "a" }, cjson.null) }
    assert.equal("a", ids_of(new(peer, nil, { keep_nulls = true })))
  end)

  it("goes on after an empty page that has a cursor", function()
    local peer = host:script { page({}, "c1"), page { row "a" } }
    assert.equal("a", ids_of(new(peer)))
  end)

  it("raises where a cursor repeats, instead of looping for ever", function()
    for _, cursors in ipairs { { "c1", "c1" }, { "c1", "c2", "c1" } } do
      local pages = {}
      for index, cursor in ipairs(cursors) do
        pages[index] = page({ row(tostring(index)) }, cursor)
      end
      local peer = host:script(pages)
      local client = new(peer)
      local seen = 0
      local passed, err = pcall(function()
        for _ in client.consumers.each() do
          seen = seen + 1
        end
      end)
      assert.is_false(passed)
      assert.is_true(vault.is_error(err, "ResponseValidationError"), tostring(err))
      expect.says(err.message, "cursor")
      assert.equal("c1", err.cursor)
      assert.equal(#cursors, #peer:requests())
      assert.equal(#cursors - 1, seen)
    end
    local peer = host:script { page({ row "a" }, "given") }
    local passed, err = pcall(ids_of, new(peer), { cursor = "given" })
    assert.is_false(passed)
    assert.equal("ResponseValidationError", err.name)
    assert.equal(1, #peer:requests())
  end)

  it("has no cursor in the error of the first page, unless one was given", function()
    local peer = host:script { { status = 404, body = "{}" } }
    local client = new(peer)
    local err = expect.error("NotFoundResponse", ids_of, client)
    assert.is_nil(err.cursor)
    err = expect.error("NotFoundResponse", ids_of, client, { cursor = "mine" })
    assert.equal("mine", err.cursor)
  end)

  it("raises at the call what is wrong with the request, in vault.safe, too", function()
    for _, module in ipairs { vault, (require "vault.safe") } do
      local client = module.new { api_key = "k", server_url = "http://127.0.0.1:1" }
      local wrong = {
        { { limit = "x" }, nil, "limit" },
        { { serch = "x" }, nil, "unknown field" },
        { { filter = { serch = "x" } }, nil, "filter.search" },
        { {}, { timeout_ms = -1 }, "timeout_ms" },
        { {}, { callback = print }, "callback" },
        { "x", nil, "expected a table" },
      }
      for _, case in ipairs(wrong) do
        local err = expect.error("InvalidRequestError", client.consumers.each, case[1], case[2])
        expect.says(err.message, case[3])
      end
    end
  end)

  it("raises a page's error in vault.safe, too", function()
    local peer = host:script { THREE[1], { status = 401, body = "{}" } }
    local client = require("vault.safe").new {
      api_key = "k",
      server_url = peer.url,
      retries = false,
      app_id = "a",
    }
    local passed, err = pcall(ids_of, client)
    assert.is_false(passed)
    assert.equal("UnauthorizedResponse", err.name)
    assert.equal("c1", err.cursor)
  end)

  it("ends after an error", function()
    local peer = host:script { THREE[1], { status = 500, body = "{}" } }
    local next_row = new(peer).consumers.each()
    assert.equal("a", next_row().consumer_id)
    assert.equal("b", next_row().consumer_id)
    assert.is_false((pcall(next_row)))
    assert.is_nil(next_row())
  end)

  it("requests the next page while a page is read", function()
    local peer = host:script { THREE[1], page { row "c" } }
    local client = new(peer)
    local next_row = client.consumers.each()
    assert.equal("a", next_row().consumer_id)
    for _ = 1, 500 do
      if #peer:requests() == 2 then
        break
      end
      client:poll(10)
    end
    assert.equal(2, #peer:requests())
    assert.equal("b", next_row().consumer_id)
    assert.equal("c", next_row().consumer_id)
    assert.is_nil(next_row())
  end)

  it("cancels the page that is under way when the loop is left", function()
    if _VERSION ~= "Lua 5.4" then -- older ones have no closing value
      return
    end
    local peer = host:script { THREE[1], { body = "{}", before_ms = 20000 } }
    local aborted
    local client = new(peer, nil, {
      hooks = {
        on_error = function(event)
          aborted = event.error.message
        end,
      },
    })
    local loader = load [[
      local client = ...
      for consumer in client.consumers.each() do
        return consumer.consumer_id
      end
    ]]
    assert.equal("a", loader(client))
    assert.equal("the job was cancelled", aborted)
    local cancelled = false
    client.async.consumers.list({}, {
      callback = function()
        cancelled = true
      end,
    })
    client:close()
    assert.is_true(cancelled)
  end)

  it("does not keep the client that nobody has any more", function()
    local peer = host:script(THREE)
    local kept = setmetatable({ new(peer) }, { __mode = "v" })
    ids_of(kept[1])
    collect_garbage()
    assert.is_nil(kept[1])
  end)

  it("reads the request's defaults through its metatable", function()
    local peer = host:script(THREE)
    local request = setmetatable({}, { __index = { limit = 2 } })
    ids_of(new(peer), request)
    for _, seen in ipairs(peer:requests()) do
      expect.says(seen.target, "limit=2")
    end
  end)
end)
