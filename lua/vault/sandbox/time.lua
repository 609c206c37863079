--- RFC 3339 date-times and milliseconds since the epoch.
local time = {}

local DAY_MS = 24 * 60 * 60 * 1000

--- A time in UTC, such as 2026-03-04T05:06:07.089Z.
function time.format(ms)
  local seconds = math.floor(ms / 1000)
  local fraction = math.floor(ms - seconds * 1000)
  return os.date("!%Y-%m-%dT%H:%M:%S", seconds) .. string.format(".%03dZ", fraction)
end

--- The same in whole seconds, such as 2026-03-04T05:06:07Z.
function time.format_seconds(ms)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(ms / 1000))
end

-- Days from 1970-01-01 in the Gregorian calendar. The year starts in March here, so that a leap
-- day is the last day of a year.
local function days_from_epoch(year, month, day)
  if month <= 2 then
    year, month = year - 1, month + 12
  end
  local days_of_years = 365 * year
    + math.floor(year / 4)
    - math.floor(year / 100)
    + math.floor(year / 400)
  local days_of_months = math.floor((153 * (month - 3) + 2) / 5)
  return days_of_years + days_of_months + day - 719469
end

local function zone_minutes(zone)
  local sign, hours, minutes = zone:match("^([+-])(%d%d):(%d%d)$")
  if not sign then
    return zone:upper() == "Z" and 0 or nil
  end
  local total = tonumber(hours) * 60 + tonumber(minutes)
  return sign == "-" and -total or total
end

--- The milliseconds of a date-time (RFC 3339, section 5.6); nil where the text is invalid.
function time.parse(text)
  if type(text) ~= "string" then
    return nil
  end
  local year, month, day, hour, minute, second, rest =
    text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)[Tt ](%d%d):(%d%d):(%d%d)(.*)$")
  if not year then
    return nil
  end
  local fraction, zone = rest:match("^(%.%d+)(.*)$")
  local offset = zone_minutes(zone or rest)
  if not offset then
    return nil
  end
  local days = days_from_epoch(tonumber(year), tonumber(month), tonumber(day))
  local minutes = tonumber(hour) * 60 + tonumber(minute) - offset
  local seconds = minutes * 60 + tonumber(second) + tonumber("0" .. (fraction or ""))
  return days * DAY_MS + math.floor(seconds * 1000 + 0.5)
end

return time
