-- Dates: src/json/json_date.c.
local documents = require "spec.support.json_documents"
local json = require("vault_internal").json

local NAN = 0 / 0

describe("dates", function()
  local PATH = "c.issued_at: "

  local function date(value)
    local text, message = json.encode({ issued_at = value }, "ConnectionImportDataCredentials", "c")
    return text and text:match '^{"issued_at":(.*)}$', message
  end

  it("given as strings are passed through", function()
    assert.equal('"2020-01-01T00:00:00.000Z"', (date "2020-01-01T00:00:00.000Z"))
    assert.equal('"anything"', (date "anything"))
    assert.equal("null", (date(json.null)))
  end)

  it("given in seconds are RFC 3339 in UTC", function()
    for text, seconds in pairs {
      ["1970-01-01T00:00:00Z"] = 0,
      ["2020-01-01T00:00:00Z"] = 1577836800,
      ["2020-02-29T23:59:59Z"] = 1583020799,
      ["2020-03-01T00:00:00Z"] = 1583020800,
      ["2000-02-29T00:00:00Z"] = 951782400,
      ["2100-02-28T23:59:59Z"] = 4107542399,
      ["2100-03-01T00:00:00Z"] = 4107542400,
      ["2038-01-19T03:14:08Z"] = 2147483648,
      ["1969-12-31T23:59:59Z"] = -1,
      ["1901-12-13T20:45:52Z"] = -2147483648,
      ["1600-02-29T12:00:00Z"] = -11670955200,
      ["0000-01-01T00:00:00Z"] = -62167219200,
      ["5138-11-16T09:46:39Z"] = 99999999999,
      ["2020-01-01T00:00:00.500Z"] = 1577836800.5,
      ["2020-01-01T00:00:00.123Z"] = 1577836800.1234,
      ["2020-01-01T00:00:00.001Z"] = 1577836800.0006,
      ["2020-01-01T00:00:01Z"] = 1577836800.9996,
      ["1969-12-31T23:59:59.750Z"] = -0.25,
      ["2019-12-31T23:59:59.999Z"] = 1577836799.999,
    } do
      assert.equal('"' .. text .. '"', (date(seconds)))
    end
  end)

  it("agree with os.date from 1902 to 2106", function()
    local random = documents.generator(13)
    -- With 32-bit times os.date ends in 2038.
    local reached, year = pcall(os.date, "!%Y", 2 ^ 32 - 4)
    local most = reached and year == "2106" and 2 or 1
    for _ = 1, 3000 do
      local seconds = random(2 ^ 31 - 2) * (random(2) == 1 and most or -1)
      assert.equal(os.date('!"%Y-%m-%dT%H:%M:%SZ"', seconds), (date(seconds)))
    end
  end)

  it("given in milliseconds are refused", function()
    for _, number in ipairs { 1e11, 1577836800000, 1e300 } do
      assert.equal(
        PATH .. "looks like milliseconds; expected seconds since the epoch",
        select(2, date(number))
      )
    end
  end)

  it("that are not finite numbers in range are refused", function()
    assert.equal(PATH .. "is not a finite number", select(2, date(NAN)))
    assert.equal(PATH .. "is not a finite number", select(2, date(math.huge)))
    assert.equal(PATH .. "is before the year 0", select(2, date(-62167219200.5)))
    assert.equal(PATH .. "is before the year 0", select(2, date(-1e12)))
    assert.equal(
      PATH .. "expected an RFC 3339 string or a number of seconds since the epoch, got a boolean",
      select(2, date(true))
    )
  end)
end)
