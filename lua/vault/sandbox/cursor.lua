--- Pages of a list: `limit` rows from a cursor on, with the cursor of the next page.
--
-- A cursor names the last row of its page, not a position, so rows that are added or removed
-- between two requests do not repeat or skip others. It contains characters that a URL has to escape,
-- to test that clients do.
local errors = require "vault.sandbox.errors"
local json = require "vault.sandbox.json"

local cursor = {}

local DEFAULT_LIMIT = 20
local MAX_LIMIT = 200

local function encode(kind, sequence)
  return string.format("%s:%d==", kind, sequence)
end

local function decode(kind, text)
  local found, sequence = text:match("^(%a+):(%d+)==$")
  return found == kind and tonumber(sequence) or nil
end

local function invalid(name, value)
  local detail = { invalid = json.array { { [name] = tostring(value) } } }
  return nil, errors.problem(400, { detail = detail })
end

--- One page. `query` has the request's `cursor` and `limit`; `kind` keeps the cursors of different
-- lists apart; `next_row(sequence)` returns the row that follows the one of that sequence number
-- (nil: the first row) and its own sequence number, or nil at the end.
-- Returns { rows, meta } or nil and the problem.
function cursor.page(query, kind, next_row)
  local limit = query.limit or DEFAULT_LIMIT
  if limit < 1 or limit > MAX_LIMIT then
    return invalid("limit", limit)
  end
  local after
  if query.cursor and query.cursor ~= "" then
    after = decode(kind, query.cursor)
    if not after then
      return invalid("cursor", query.cursor)
    end
  end
  local rows = json.array()
  local row, sequence = next_row(after)
  local last
  while row and #rows < limit do
    rows[#rows + 1] = row
    last = sequence
    row, sequence = next_row(sequence)
  end
  local current = query.cursor
  local meta = {
    items_on_page = #rows,
    cursors = {
      previous = json.null,
      current = current ~= "" and current or json.null,
      next = row and encode(kind, last) or json.null,
    },
  }
  return { rows = rows, meta = meta }
end

return cursor
