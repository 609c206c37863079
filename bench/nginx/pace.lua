-- For wrk: a request every few milliseconds on each connection, to measure how long other requests
-- block the worker.
function delay() -- luacheck: ignore
  return 5
end
