local internal = require "vault_internal"
local headers = internal.headers

describe("a list of headers", function()
  it("keeps the order, with names in lower case and values trimmed", function()
    local lines, count = headers.edit {
      { "add", "X-B", "  two words \t" },
      { "add", "a", "1" },
      { "add", "x-b", "again" },
    }
    assert.same({ "x-b: two words", "a: 1", "x-b: again" }, lines)
    assert.equal(3, count)
  end)

  it("replaces every field of a name, and removes it for an empty value", function()
    local lines, count = headers.edit {
      { "add", "a", "1" },
      { "add", "b", "2" },
      { "add", "a", "3" },
      { "set", "A", "4" },
      { "add", "ab", "5" },
      { "set", "b", "" },
    }
    assert.same({ "a: 4", "ab: 5" }, lines)
    assert.equal(2, count)
  end)

  it("replaces fields of a name that follow each other, and none whose name is longer", function()
    local lines, count = headers.edit {
      { "add", "x", "0" },
      { "add", "a", "1" },
      { "add", "a", "2" },
      { "add", "a", "3" },
      { "add", "a-b", "4" },
      { "set", "a", "5" },
    }
    assert.same({ "x: 0", "a-b: 4", "a: 5" }, lines)
    assert.equal(3, count)
  end)

  -- RFC 9112 5.2: one or more spaces instead of the fold.
  it("joins a folded line to the value before it by one space", function()
    local lines, count = headers.edit {
      { "fold", "", "before any field" },
      { "add", "a", "one" },
      { "fold", "", " \t two " },
      { "fold", "", "three" },
      { "fold", "", " \t" },
      { "add", "b", "" },
      { "fold", "", "" },
      { "fold", "", "value" },
    }
    assert.same({ "a: one two three", "b: value" }, lines)
    assert.equal(2, count)
  end)

  it("grows beyond its first allocation", function()
    local edits = {}
    for i = 1, 100 do
      edits[i] = { "add", "name-" .. i, ("x"):rep(i) }
    end
    local lines = headers.edit(edits)
    assert.equal(100, #lines)
    assert.equal("name-100: " .. ("x"):rep(100), lines[100])
  end)
end)

it("a header name is a token of RFC 9110 5.6.2", function()
  for _, name in ipairs { "a", "X-Apideck-App-Id", "x_y", "!#$%&'*+-.^_`|~09az" } do
    assert.is_true(headers.name_is_valid(name), name)
  end
  for _, name in ipairs { "", "a b", "a:", "a\r", "a\n", "a\0", "\195\164", "a,b", "(a)", 'a"' } do
    assert.is_false(headers.name_is_valid(name), name)
  end
end)

it("a header value has no control characters and is UTF-8", function()
  for _, value in ipairs { "", "plain", "\195\164\226\130\172", "a:b;c" } do
    assert.is_true(headers.value_is_valid(value), value)
  end
  for _, value in ipairs { "a\r\nb: c", "a\n", "\0", "a\tb", "\127", "\255", "\195" } do
    assert.is_false(headers.value_is_valid(value))
  end
end)

it("statuses have the reason phrases of RFC 9110", function()
  assert.equal("OK", internal.http.reason(200))
  assert.equal("No Content", internal.http.reason(204))
  assert.equal("Not Found", internal.http.reason(404))
  assert.equal("Unprocessable Content", internal.http.reason(422))
  assert.equal("Network Authentication Required", internal.http.reason(511)) -- RFC 6585 section 6
  assert.equal("", internal.http.reason(299))
end)
