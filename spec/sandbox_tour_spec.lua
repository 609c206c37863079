-- Every operation of the sandbox through the client, over every host.
local hosts = require "spec.support.hosts"
local tour = require "spec.support.sandbox_tour"

local CONSUMER = "sandbox-consumer"

for _, host in ipairs(hosts.all()) do
  describe("the sandbox over " .. host.name, function()
    teardown(function()
      host:stop()
    end)

    it("has every operation, with state", function()
      local client = host:sandbox { consumer_id = CONSUMER, retries = false }
      client.connections.list() -- a consumer exists from its first request
      client.consumers.delete { consumer_id = CONSUMER }
      for index, step in ipairs(tour.steps) do
        local ok, result = pcall(tour.call, client, step)
        local name = ("step %d, %s: %s"):format(index, step[1], tostring(result))
        assert.equal(step.fails == nil, ok, name)
        assert.equal(step.fails or step.gives or 200, result.status_code, name)
      end
    end)
  end)
end
