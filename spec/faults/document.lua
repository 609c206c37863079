-- What can be wrong with the JSON of a complete response.
local assert = require "luassert"
local vault = require "vault"

local function response(body)
  return { headers = { { "connection", "close" } }, body = body, finish = "close" }
end

-- Not retried: it would be the same again.
local function refused(name, body)
  return { name, response = response(body), is = "ResponseValidationError", status = 200 }
end

local function read(name, body, check)
  return {
    name,
    response = response(body),
    is = "success",
    check = function(result)
      check(result.data)
    end,
  }
end

local function same(expected)
  return function(data)
    assert.same(expected, data)
  end
end

local BOM = "\239\187\191"
local REPLACED = "\239\191\189" -- U+FFFD

return {
  title = "a response's document",
  refused("is empty", ""),
  refused("is white space", " \r\n\t"),
  refused("is an array", '[{"data":{}}]'),
  refused("is a string", '"data"'),
  refused("is a number", "200"),
  refused("is true", "true"),
  refused("is null", "null"),
  refused("is HTML", "<!DOCTYPE html><html><body>Welcome</body></html>"),
  refused("is cut", '{"data":{"ok":tr'),
  refused("is two documents", '{"data":{}}{"data":{}}'),
  refused("has a comma too many", '{"data":[1,2,]}'),
  refused("has NaN", '{"data":NaN}'),
  refused("has a comment", '{"data":1 /* one */}'),
  refused("has a raw NUL", '{"data":"a\0b"}'),
  refused("has a raw line feed in a string", '{"data":"a\nb"}'),
  refused("is UTF-16", "\255\254{\0}\0"),
  refused(
    "has 100,000 arrays in each other",
    '{"data":' .. ("["):rep(100000) .. ("]"):rep(100000) .. "}"
  ),
  refused(
    "has 100,000 objects in each other",
    ('{"data":'):rep(100000) .. "1" .. ("}"):rep(100000)
  ),
  refused("opens 1,000,000 arrays and closes none", '{"data":' .. ("["):rep(1000000)),
  read("has a BOM", BOM .. '{"data":1}', same(1)),
  read("has bytes that are no UTF-8", '{"data":"a\255b"}', same("a" .. REPLACED .. "b")),
  read("has a lone surrogate", '{"data":"a\\ud800b"}', same("a" .. REPLACED .. "b")),
  read(
    "has a string of 4 MiB",
    ('{"data":"%s"}'):format(("x"):rep(4 * 1024 * 1024)),
    function(data)
      assert.equal(4 * 1024 * 1024, #data)
    end
  ),
  read("has a name of 1 MiB", ('{"data":{"%s":1}}'):format(("x"):rep(1024 * 1024)), function(data)
    assert.equal(1024 * 1024, #next(data))
  end),
  read("has a number of 100,000 digits", '{"data":' .. ("9"):rep(100000) .. "}", same(math.huge)),
  read("has the exponent 999999999", '{"data":-1e999999999}', same(-math.huge)),
  read("has a name twice", '{"data":1,"data":2}', same(2)),
  read(
    "has 100,000 names",
    '{"data":{' .. ('"k":0,'):rep(99999) .. '"l":1}}',
    same { k = 0, l = 1 }
  ),
  read("is null inside", '{"data":[null]}', function(data)
    assert.equal(vault.null, data[1])
  end),
}
