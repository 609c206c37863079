-- Times beyond the range of a clock: they mean waiting without end, never no time.
local child = require "spec.support.child"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local internal = require "vault_internal"
local vault = require "vault"

local NAN = 0 / 0
local HUGE = { math.huge, 1e300, 1e20, 2 ^ 63, 2 ^ 31 }

describe("a pause", function()
  it("is never NaN, whatever the intervals and the delay requested by the server", function()
    local values = { 0, 1, 1e308, math.huge }
    for _, initial in ipairs(values) do
      for _, longest in ipairs(values) do
        for _, exponent in ipairs { 1, 2, 1e300, math.huge } do
          for _, random in ipairs { 0, 0.5, 0.999999 } do
            for attempt = 1, 3 do
              local pause = internal.retry.pause({
                initial_interval = initial,
                max_interval = longest,
                exponent = exponent,
                max_elapsed_time = math.huge,
              }, { status = 503, attempt = attempt, random = random })
              assert.is_true(pause >= 0)
              assert.equal(initial > 0 and longest > 0, pause > 0)
              assert.is_true(pause <= longest)
            end
          end
        end
      end
    end
  end)

  it("without end starts with max_elapsed_time = math.huge only", function()
    local asked = { status = 503, retry_after = math.huge }
    assert.equal(math.huge, internal.retry.pause({ max_elapsed_time = math.huge }, asked))
    assert.is_nil(internal.retry.pause({ max_elapsed_time = 1e300 }, asked))
  end)
end)

-- Settings and response headers that make a pause endless.
local ENDLESS = {
  { "infinite intervals", { initial_interval = math.huge, max_interval = math.huge } },
  { "intervals of 1e300", { initial_interval = 1e300, max_interval = 1e300 } },
  {
    "an infinite exponent",
    { exponent = math.huge, initial_interval = 2 ^ 60, max_interval = 2 ^ 60 },
  },
  { "retry-after beyond every clock", {}, { "retry-after", "1" .. ("0"):rep(30) } },
  { "retry-after beyond every number", {}, { "retry-after", ("9"):rep(400) } },
  { "retry-after-ms beyond 64 bits", {}, { "retry-after-ms", "20000000000000000000" } },
}

describe("an endless pause", function()
  local host = hosts.wire()
  teardown(function()
    host:stop()
  end)

  for _, case in ipairs(ENDLESS) do
    local name, backoff, header = case[1], case[2], case[3]
    backoff.max_elapsed_time = math.huge

    it("of a job lasts until it is cancelled: " .. name, function()
      local peer = host:script { { status = 503, headers = { header } } }
      local paused = false
      local client = host:client(peer, {
        retries = { max_attempts = 50, backoff = backoff },
        hooks = {
          on_retry = function()
            paused = true
          end,
        },
      })
      local job = client.async.connections.list()
      repeat
        client:poll(20)
      until paused or job:done()
      assert.same({ nil, "timeout" }, { job:wait(50) })
      assert.equal(1, #peer:requests())
      job:cancel()
      expect.error("RequestAbortedError", job.wait, job)
      client:close()
    end)
  end

  it("of a plain call lasts until the process ends", function()
    local output, status = child.run(
      [[
        io.stdout:setvbuf "no"
        local client = require("vault").new {
          retries = {
            max_attempts = 50,
            backoff = {
              initial_interval = math.huge,
              max_interval = math.huge,
              max_elapsed_time = math.huge,
            },
          },
          transport = function()
            print "attempt"
            return { status = 503 }
          end,
        }
        client.connections.list()
      ]],
      {},
      nil,
      1.5
    )
    assert.equal("attempt\n", output)
    assert.equal("124", status)
  end)
end)

describe("waiting without end", function()
  local host = hosts.wire()
  local client
  local function slow_job()
    client = host:client(host:script { { body = '{"data":[]}', before_ms = 60 } })
    return client.async.connections.list()
  end
  after_each(function()
    client:close()
  end)
  teardown(function()
    host:stop()
  end)

  for _, time in ipairs(HUGE) do
    it(
      ("is possible with a time of %g ms in job:wait, client:poll and wait_all"):format(time),
      function()
        assert.same({}, slow_job():wait(time).data)
        slow_job()
        assert.equal(1, client:poll(time))
        assert.is_true(vault.wait_all({ slow_job() }, time))
      end
    )

    for _, loop in ipairs(require("spec.support.loops").installed()) do
      it(
        ("is possible with a time of %g ms in job:wait over %s"):format(time, loop.name),
        function()
          local peer = host:script { { body = '{"data":[]}', before_ms = 60 } }
          client = host:client(peer, { loop = loop.name })
          loop.run(function()
            assert.same({}, client.async.connections.list():wait(time).data)
            assert.is_true(vault.wait_all({ client.async.connections.list() }, time))
          end)
        end
      )
    end
  end
end)

describe("an option that is a time or a number", function()
  local function refused(path, value)
    local config = { [path[#path]] = value }
    for i = #path - 1, 1, -1 do
      config = { [path[i]] = config }
    end
    expect.invalid(path[#path], vault.new, config)
  end

  it("refuses NaN", function()
    for _, path in ipairs {
      { "timeout_ms" },
      { "connect_timeout_ms" },
      { "max_response_bytes" },
      { "max_connections" },
      { "retries", "max_attempts" },
      { "retries", "backoff", "initial_interval" },
      { "retries", "backoff", "max_interval" },
      { "retries", "backoff", "exponent" },
      { "retries", "backoff", "max_elapsed_time" },
    } do
      refused(path, NAN)
      refused(path, -1)
      refused(path, -math.huge)
    end
  end)

  it("accepts any size where none is too large", function()
    for _, huge in ipairs(HUGE) do
      local sent = 0
      local client = vault.new {
        max_response_bytes = huge,
        max_connections = huge,
        retries = {
          max_attempts = huge,
          backoff = {
            initial_interval = 0,
            max_interval = huge,
            exponent = huge,
            max_elapsed_time = huge,
          },
        },
        transport = function()
          sent = sent + 1
          return { status = sent < 6 and 503 or 200, body = "{}" }
        end,
      }
      client.connections.list()
      assert.equal(6, sent)
    end
  end)
end)

it("retry_after_ms of an error is an integer, and exact beyond 32 bits", function()
  for text, expected in pairs {
    ["4294967296000"] = "4294967296000",
    ["2147483648"] = "2147483648",
    ["1.5"] = "2",
  } do
    local client = vault.new {
      transport = function()
        return { status = 503, headers = { ["retry-after-ms"] = text } }
      end,
      retries = false,
    }
    local err = expect.error("APIError", client.connections.list)
    assert.equal(expected, ("%.0f"):format(err.retry_after_ms))
    if math.type then
      assert.equal("integer", math.type(err.retry_after_ms))
    end
  end
end)
