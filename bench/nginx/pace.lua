-- For wrk: a request every few milliseconds on each connection, so that what is measured is how
-- long the worker is held by others and not by this.
function delay() -- luacheck: ignore
  return 5
end
