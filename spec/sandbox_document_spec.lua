-- The sandbox's responses and webhook events against the API's document, by ajv: .ci/responses.mjs.
local json = require "vault.sandbox.json"
local schema = require "vault.schema"
local tour = require "spec.support.sandbox_tour"

local function has_command(name)
  local status = os.execute("command -v " .. name .. " >/dev/null 2>&1")
  return status == true or status == 0
end

-- What the command prints, and whether it succeeded.
local function run(command)
  local pipe = assert(io.popen(command .. ' 2>&1; echo "status $?"'))
  local output = pipe:read "*a"
  pipe:close()
  local said, status = output:match "^(.*)status (%d+)\n$"
  return said, status == "0"
end

describe("responses of the sandbox", function()
  local records

  setup(function()
    records = tour.records()
  end)

  local function seen(field)
    local found = {}
    for _, record in ipairs(records) do
      if record[field] then
        found[record[field]] = found[record[field]] or {}
        found[record[field]][record.status or 0] = true
      end
    end
    return found
  end

  it("are recorded of every operation, with success and errors", function()
    local statuses = seen "operation"
    for _, operation in ipairs(schema.operations) do
      local of = statuses[operation.id] or {}
      assert.is_true(of[200] or of[204], operation.id)
      for _, status in ipairs { 400, 401, 402 } do
        assert.is_true(of[status], operation.id .. " " .. status)
      end
    end
  end)

  it("are recorded of every webhook event", function()
    local events = seen "event"
    for _, name in ipairs {
      "created",
      "updated",
      "disabled",
      "deleted",
      "callable",
      "revoked",
      "migrated",
      "token_refresh.pending",
      "token_refresh.failed",
      "token_refresh.recovered",
      "downstream.degraded",
      "downstream.recovered",
    } do
      assert.is_truthy(events["vault.connection." .. name], name)
    end
  end)

  if not (has_command "bash" and has_command "node" and has_command "npm") then
    pending("are as the document says (needs node and npm)", function() end)
    return
  end

  it("are as the document says", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "wb"))
    for _, record in ipairs(records) do
      file:write(json.encode(record), "\n")
    end
    file:close()
    local script = "root=$PWD; . .ci/setup.sh; check_responses " .. path
    -- Node does not run under the sanitizers' libraries.
    local said, ok = run("env -u LD_PRELOAD bash -c '" .. script .. "'")
    os.remove(path)
    assert.equal("", said)
    assert.is_true(ok)
  end)
end)
