-- client.<group>.each(request, options). Compiled into the module, so that no file is needed; in
-- Lua, because the iterator may suspend a coroutine between two rows.
-- The chunk's arguments: a function that returns the client, the name of the group, and whether
-- this build has asynchronous calls.
local get_client, group, has_async = ...

local END_OF_LIST = "the list has no end: the server sent a cursor for the second time"

-- A copy of the request for the page at this cursor. Its metatable may have defaults.
local function with_cursor(request, cursor)
  local copy = {}
  for name, value in next, request do
    copy[name] = value
  end
  copy.cursor = cursor
  local metatable = getmetatable(request)
  return type(metatable) == "table" and setmetatable(copy, metatable) or copy
end

local function next_cursor(result)
  local cursors = type(result.meta) == "table" and result.meta.cursors
  local cursor = type(cursors) == "table" and cursors.next
  return type(cursor) == "string" and cursor:find "%S" and cursor or nil
end

-- Raises what a call has raised, or returned in vault.safe: each { cursor = err.cursor } goes on
-- with the page that failed.
local function check(cursor, succeeded, result, err)
  if succeeded and result ~= nil then
    return result
  end
  local problem = err
  if not succeeded then
    problem = result
  end
  if type(problem) == "table" then
    problem.cursor = cursor
  end
  error(problem, 0)
end

-- Not job:wait(), which raises: on Lua 5.1 a coroutine cannot be suspended within pcall.
local function result_of(job, cursor)
  local suspend = job._suspend or job._wait_blocking
  suspend(job)
  return check(cursor, pcall(job.result, job))
end

local function each(request, options)
  local client = get_client()
  local list = has_async and client.async[group].list or client[group].list
  local operation = ("vault.%s.list"):format(group)
  local rows, index = {}, 0
  local cursor, seen = nil, {} -- of the page that is next; of all pages
  local job -- of that page
  local finished = false

  local function fail(name, message)
    finished = true
    return check(cursor, false, (client:_new_error(name, message, operation)))
  end

  -- Starts the request for the page at `cursor`, so that it runs while another one is read.
  local function start()
    if has_async then
      local page = request
      if request == nil or type(request) == "table" then
        page = with_cursor(request or {}, cursor)
      end
      finished = true
      job = check(cursor, pcall(list, page, options))
      finished = false
    end
  end

  local function read_page()
    finished = true
    local result
    if has_async then
      local pending = job
      job = nil
      result = result_of(pending, cursor)
    else
      result = check(cursor, pcall(list, with_cursor(request or {}, cursor), options))
    end
    rows, index = type(result.data) == "table" and result.data or {}, 0
    cursor = next_cursor(result)
    if cursor == nil then
      return
    elseif seen[cursor] then
      fail("ResponseValidationError", END_OF_LIST)
    end
    seen[cursor] = true
    finished = false
    start()
  end

  local function next_row()
    while index >= #rows do
      if finished then
        return nil
      end
      read_page()
    end
    index = index + 1
    return rows[index]
  end

  -- Since Lua 5.4 a loop that is left closes this value (manual, 3.3.5).
  local closing = setmetatable({}, {
    __close = function()
      finished, rows, index = true, {}, 0
      if job then
        job:cancel()
        job = nil
      end
    end,
  })

  if type(options) == "table" and options.callback ~= nil then
    fail("InvalidRequestError", "callback: each returns rows; callbacks are for client.async")
  end
  if type(request) == "table" then
    cursor = request.cursor
    if type(cursor) == "string" then
      seen[cursor] = true
    end
  end
  start()
  return next_row, nil, nil, closing
end

return each
