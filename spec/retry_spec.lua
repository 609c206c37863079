local internal = require "vault_internal"
local retry = internal.retry

describe("the pause before the next attempt", function()
  local function pause(attempt, policy)
    return retry.pause(policy or {}, attempt)
  end

  it("grows by the exponent, from half of it to all of it", function()
    local expected = { 500, 750, 1125 }
    for attempt, full in ipairs(expected) do
      assert.equal(full / 2, pause { status = 503, attempt = attempt, random = 0 })
      local longest = pause { status = 503, attempt = attempt, random = 0.999999 }
      assert.is_true(longest < full and longest > full * 0.99)
    end
  end)

  it("is never longer than max_interval, however often it was tried", function()
    local policy = { max_attempts = 1e6, max_elapsed_time = 1e12 }
    assert.equal(4000, pause({ status = 503, attempt = 50, random = 0 }, policy))
    assert.equal(4000, pause({ status = 503, attempt = 99999, random = 0 }, policy))
    policy.initial_interval = 0 -- times an infinite power: NaN
    assert.equal(0, pause({ status = 503, attempt = 99999, random = 0 }, policy))
  end)

  it("is the one requested by the server, to the millisecond", function()
    assert.equal(1234, pause { status = 429, retry_after = 1234, random = 0.7 })
    assert.equal(0, pause { status = 503, retry_after = 0 })
  end)

  it("is none where it would pass max_elapsed_time", function()
    assert.equal(29000, pause { status = 429, retry_after = 29000, elapsed = 1000 })
    assert.is_nil(pause { status = 429, retry_after = 29001, elapsed = 1000 })
    assert.is_nil(pause { status = 503, elapsed = 30000 })
  end)

  it("is none after the last attempt, and none where retries are off", function()
    assert.is_truthy(pause { status = 503, attempt = 3 })
    assert.is_nil(pause { status = 503, attempt = 4 })
    assert.is_nil(pause({ status = 503 }, { enabled = false }))
    assert.is_nil(pause({ status = 503 }, { max_attempts = 1 }))
  end)

  it("depends on the status", function()
    for _, status in ipairs { 408, 429, 500, 502, 503, 504 } do
      assert.is_truthy(pause { status = status }, status)
    end
    for _, status in ipairs { 301, 400, 401, 402, 404, 409, 422, 501, 505, 599, 600, -1 } do
      assert.is_nil(pause { status = status }, status)
    end
  end)

  it("depends on whether a request that must not be sent twice may have been processed", function()
    local rows = {
      { { status = 500 }, false },
      { { status = 503 }, false },
      { { status = 503, retry_after = 5 }, true },
      { { status = 503, retry_after = 0 }, true },
      { { status = 429 }, true },
      { { status = 408 }, false },
      { { outcome = "unsent" }, true },
      { { outcome = "lost" }, false },
      { { outcome = "permanent" }, false },
    }
    for number, row in ipairs(rows) do
      local attempt, expected = row[1], row[2]
      attempt.idempotent = false
      assert.equal(expected, pause(attempt) ~= nil, number)
      local allowed = pause(attempt, { unsafe = true }) ~= nil
      assert.equal(attempt.outcome ~= "permanent", allowed, number)
    end
  end)

  it("is none for lost connections where the configuration says so", function()
    local policy = { retry_connection_errors = false }
    assert.is_nil(pause({ outcome = "lost" }, policy))
    assert.is_nil(pause({ outcome = "unsent" }, policy))
    assert.is_truthy(pause({ status = 503 }, policy))
    assert.is_nil(pause { outcome = "permanent" })
  end)
end)

describe("the delay requested by headers", function()
  local NOW = 1700000000000 -- Tue, 14 Nov 2023 22:13:20 GMT

  local function after(headers, status)
    return retry.after(headers, status or 503, NOW)
  end

  it("is retry-after-ms rather than retry-after", function()
    assert.equal(250, after { ["retry-after-ms"] = "250", ["retry-after"] = "9" })
    assert.equal(1.5, after { ["retry-after-ms"] = "1.5" })
  end)

  it("is retry-after in seconds, also fractions", function()
    assert.equal(120000, after { ["retry-after"] = "120" })
    assert.equal(1500, after { ["Retry-After"] = " 1.5 " })
    assert.equal(0, after { ["retry-after"] = "0" })
  end)

  it("is retry-after as a date", function()
    assert.equal(40000, after { ["retry-after"] = "Tue, 14 Nov 2023 22:14:00 GMT" })
    assert.equal(0, after { ["retry-after"] = "Tue, 14 Nov 2023 22:00:00 GMT" })
  end)

  it("is the rate limit's reset for 429 only, and only in the future", function()
    local reset = { ["x-downstream-ratelimit-reset"] = "1700000030" }
    assert.equal(30000, after(reset, 429))
    assert.is_nil(after(reset, 503))
    assert.is_nil(after({ ["x-downstream-ratelimit-reset"] = "1699999999" }, 429))
  end)

  it("is none where the headers are malformed", function()
    for _, value in ipairs { "", "soon", "-1", "1e3", "inf", "nan", "0x10", "1,5", ".5" } do
      assert.is_nil(after { ["retry-after"] = value }, value)
    end
    assert.is_nil(after {})
  end)
end)

describe("status codes in retry_codes", function()
  it("are single codes and classes", function()
    assert.same({ 408, 503 }, retry.statuses { "503", "408" })
    assert.equal(100, #retry.statuses { "5XX" })
    assert.equal(100, #retry.statuses { "4xx" })
  end)

  it("cannot be of another form", function()
    for _, code in ipairs { "", "5", "50", "5000", "600", "0XX", "5X0", "50X", "-50", "abc", "6XX" } do
      local list, refused = retry.statuses { code }
      assert.is_nil(list, code)
      assert.equal(code, refused)
    end
  end)
end)

it("an attempt may have reached the server after 408, 5xx and lost connections", function()
  for _, attempt in ipairs {
    { status = 408 },
    { status = 500 },
    { status = 504 },
    { outcome = "lost" },
  } do
    assert.is_true(retry.maybe_processed(attempt))
  end
  for _, attempt in ipairs { { status = 429 }, { status = 404 }, { outcome = "unsent" } } do
    assert.is_false(retry.maybe_processed(attempt))
  end
end)
