-- Plain calls in a coroutine of an event loop where Lua cannot suspend it.
local coxpcall = require "coxpcall"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local loops = require "spec.support.loops"
local safe = require "vault.safe"
local vault = require "vault"

local OK = { body = '{"status_code":200,"status":"OK","data":[]}' }

-- Each calls `f` where the running coroutine cannot be suspended.
local NOT_YIELDABLE = {
  ["a comparator of table.sort"] = function(f)
    table.sort({ 1, 2 }, f)
  end,
  ["a function given to string.gsub"] = function(f)
    return (("x"):gsub("x", f))
  end,
  ["a chunk that require loads"] = function(f)
    package.preload["spec.chunk"], package.loaded["spec.chunk"] = f, nil
    require "spec.chunk"
  end,
  ["a reader of load"] = function(f)
    load(f)
  end,
}
if _VERSION == "Lua 5.1" and not rawget(_G, "jit") then
  NOT_YIELDABLE["the iterator of a loop"] = function(f)
    for _ in f do
      error "called f without an error"
    end
  end
end

for _, loop in ipairs(loops.known()) do
  describe("a client in " .. loop.title, function()
    local host = hosts.wire()
    local client, peer
    before_each(loop.enter)
    after_each(function()
      client:close()
      loop.leave()
    end)
    teardown(function()
      host:stop()
    end)

    for place, call_there in pairs(NOT_YIELDABLE) do
      it(
        "refuses a call in " .. place .. ", where Lua cannot suspend, and sends nothing",
        function()
          peer = host:script { OK }
          client = host:client(peer, { loop = loop.name })
          local job = client.async.connections.list()
          local calls = {
            client.connections.list,
            function()
              job:wait()
            end,
            function()
              job:wait(10)
            end,
            function()
              vault.wait_all { job }
            end,
          }
          for i, call in ipairs(calls) do
            local passed, err
            loop.run(function()
              local called = false
              pcall(call_there, function()
                if not called then
                  called = true
                  passed, err = pcall(call)
                end
                error("enough", 0)
              end)
            end)
            assert.is_false(passed, i)
            assert.is_true(vault.is_error(err, "InvalidRequestError"), i .. ": " .. tostring(err))
            expect.says(err.message, "cannot be suspended here", "client.async")
          end
          assert.equal(200, loop.run(client.connections.list).status_code)
          assert.equal(2, #peer:requests())
        end
      )
    end

    it("returns that error with vault.safe", function()
      peer = host:script { OK }
      client = assert(safe.new { server_url = peer.url, api_key = "k", loop = loop.name })
      local result, err
      loop.run(function()
        table.sort({ 1, 2 }, function()
          result, err = client.connections.list()
        end)
      end)
      assert.is_nil(result)
      assert.equal("InvalidRequestError", err.name)
      assert.equal("vault.connections.list", err.operation)
      assert.equal(0, #peer:requests())
    end)

    it("refuses a call in a hook and a key function, which are called from C", function()
      local other_peer = host:script { OK }
      local other = host:client(other_peer, { loop = loop.name })
      local function call()
        return other.connections.list().status
      end
      for _, config in ipairs { { hooks = { before_request = call } }, { api_key = call } } do
        config.loop = loop.name
        peer = host:script { OK }
        client = host:client(peer, config)
        local passed, err = coxpcall.pcall(loop.run, client.connections.list)
        assert.is_false(passed)
        assert.equal("UnexpectedClientError", err.name)
        assert.equal("InvalidRequestError", err.cause.name)
        expect.says(err.message, "client.async")
        assert.equal(0, #peer:requests())
        assert.equal(0, #other_peer:requests())
        client:close()
      end
      other:close()
    end)
  end)
end
