-- Programs that have closed standard input, output or error: nothing written to those goes to a
-- connection or another file.
local child = require "spec.support.child"
local hosts = require "spec.support.hosts"

local OK = { body = '{"status_code":200,"status":"OK","data":[]}' }

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

describe("with standard error closed", function()
  local host = hosts.wire()
  teardown(function()
    host:stop()
  end)

  local DEBUG = { APIDECK_DEBUG = "1" }
  -- The connections stay open after the calls. On Linux it also prints what standard input, output
  -- and error are: the library's are sockets and anonymous inodes, io.popen's are pipes.
  local PROGRAM = [[
    local vault = require "vault"
    local client = vault.new {
      server_url = %q, api_key = "k", app_id = "a", consumer_id = "c", retries = false,
      http_version = "1.1",
    }
    local parts = {}
    for _ = 1, 3 do
      parts[#parts + 1] = client.connections.list().status_code .. "\n"
      parts[#parts + 1] = client.async.connections.list():wait().status_code .. "\n"
      io.stderr:write "from the program\n"
    end
    local pipe = io.popen("readlink /proc/$PPID/fd/0 /proc/$PPID/fd/1 /proc/$PPID/fd/2 2>/dev/null")
    parts[#parts + 1] = pipe:read "*a"
    pipe:close()
    local file = io.open(%q, "w")
    file:write(table.concat(parts))
    file:close()
  ]]

  for _, redirection in ipairs { "2>&-", "<&- 2>&-", "<&- >&- 2>&-" } do
    it(("only requests are sent (%s)"):format(redirection), function()
      local peer = host:script { OK }
      local path = os.tmpname()
      local _, status = child.run(PROGRAM:format(peer.url, path), DEBUG, redirection)
      local text = read(path)
      os.remove(path)
      assert.equal("0", status)
      assert.equal(("200\n"):rep(6), text:sub(1, 24))
      assert.is_nil(text:find "socket")
      assert.is_nil(text:find "anon_inode")
      local requests = peer:requests()
      assert.equal(6, #requests)
      for _, request in ipairs(requests) do
        assert.equal("GET", request.method)
        assert.equal("", request.body or "")
      end
    end)
  end

  it("no log line is written to a file that reuses its descriptor", function()
    local peer = host:script { OK }
    local path = os.tmpname()
    local text, status = child.run(
      ([[
        local vault = require "vault"
        local file = io.open(%q, "w")
        file:write "the program's own\n"
        file:flush()
        local client = vault.new {
          server_url = %q, api_key = "k", app_id = "a", consumer_id = "c",
        }
        client.connections.list()
        print(client.async.connections.list():wait().status_code)
        file:close()
      ]]):format(path, peer.url),
      DEBUG,
      "2>&-"
    )
    local written = read(path)
    os.remove(path)
    assert.equal("0", status)
    assert.equal("200\n", text)
    assert.equal("the program's own\n", written)
  end)

  it("open again, log lines are written to it", function()
    local text = child.run(
      ([[
        local vault = require "vault"
        local client = vault.new {
          server_url = %q, api_key = "k", app_id = "a", consumer_id = "c",
        }
        client.connections.list()
      ]]):format(host:script({ OK }).url),
      DEBUG
    )
    assert.truthy(text:find("vault.connections.list > GET", 1, true))
  end)
end)
