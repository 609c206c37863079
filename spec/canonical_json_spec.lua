-- JSON with sorted members: src/json/canonical_json.c.
local json = require("vault_internal").json

local KEEP_ARRAYS = true

describe("canonical_json", function()
  local rows = {
    { "{}", "{}" },
    { "[]", "[]" },
    { " [ 1 , 2 ] ", "[1,2]" },
    { '"text"', '"text"' },
    { "1.50", "1.50" },
    { '{"b":1,"a":2}', '{"a":2,"b":1}' },
    { '{ "b" : 1 ,\t"a"\n:\r2 }', '{"a":2,"b":1}' },
    { '{"b":" a , b "}', '{"b":" a , b "}' },
    { '{"b":{"d":1,"c":2},"a":3}', '{"a":3,"b":{"c":2,"d":1}}' },
    { '{"a":1,"a":2}', '{"a":2}' },
    { '{"a":{"x":1},"b":0,"a":[ ]}', '{"a":[],"b":0}' },
    { '{"a":1,"\\u0061":2}', '{"\\u0061":2}' },
    { '{"k":1,"\\u006B":2,"\\u006b":3}', '{"\\u006b":3}' },
    { '{"b":1,"a":"\\/\\u0041"}', '{"a":"\\/\\u0041","b":1}' },
    { '{"a":"\\"}{","b":"\\\\"}', '{"a":"\\"}{","b":"\\\\"}' },
    {
      '{"__proto__":1,"a":{"__proto__":{"b":2,"a":1}}}',
      '{"__proto__":1,"a":{"__proto__":{"a":1,"b":2}}}',
    },
    -- ECMA-262 6.1.7: array indices are below 2^32 - 1, and come first.
    { '{"b":0,"10":1,"9":2,"":3}', '{"9":2,"10":1,"":3,"b":0}' },
    { '{"4294967295":1,"4294967294":2}', '{"4294967294":2,"4294967295":1}' },
    { '{"00":1,"01":2,"0":3,"-1":4,"1.0":5}', '{"0":3,"-1":4,"00":1,"01":2,"1.0":5}' },
    { '{"99999999999999999999":1,"\\u0031":2}', '{"\\u0031":2,"99999999999999999999":1}' },
    { '{"2":1,"18446744073709551617":2}', '{"2":1,"18446744073709551617":2}' }, -- 2^64 + 1
    -- By UTF-16 code units: a surrogate pair is below U+E000.
    { '{"\238\128\128":1,"\240\159\152\128":2}', '{"\240\159\152\128":2,"\238\128\128":1}' },
    { '{"\\ud83d\\ude00":1,"\\ud83d":2}', '{"\\ud83d":2,"\\ud83d\\ude00":1}' },
    { '{"aa":1,"a":2,"ab":3}', '{"a":2,"aa":1,"ab":3}' },
  }

  for _, row in ipairs(rows) do
    it("writes " .. row[1]:gsub("%c", " ") .. " as " .. row[2], function()
      assert.equal(row[2], json.canonical(row[1]))
      assert.equal(row[2], json.canonical(row[1], KEEP_ARRAYS))
    end)
  end

  it("sorts the objects in arrays, or leaves them as JSON.parse orders them", function()
    local text = '{"b":[{"z":1,"10":2,"y":3,"9":4,"z":5},[ {"b":1,"a":2} ]],"a":0}'
    assert.equal('{"a":0,"b":[{"9":4,"10":2,"y":3,"z":5},[{"a":2,"b":1}]]}', json.canonical(text))
    assert.equal(
      '{"a":0,"b":[{"9":4,"10":2,"z":5,"y":3},[{"b":1,"a":2}]]}',
      json.canonical(text, KEEP_ARRAYS)
    )
  end)

  local malformed = {
    "",
    " ",
    "{",
    "[",
    "}",
    '{"a"}',
    '{"a" 1}',
    '{"a":}',
    '{"a":1',
    '{"a":1,}',
    '{"a":1]',
    "[1,]",
    "[1 2]",
    "[1}",
    "{a:1}",
    '{"a":1}}',
    '{"a":1}[]',
    '"a',
    '"a\\',
    '"a\\"',
    '{"a\\":1}',
    "{,}",
    "[,]",
    '{"a":1 "b":2}',
  }

  for _, text in ipairs(malformed) do
    it("refuses " .. text, function()
      local canonical, problem = json.canonical(text)
      assert.is_nil(canonical)
      assert.equal("invalid", problem)
    end)
  end

  it("accepts nesting up to its limit, and no deeper", function()
    local function nested(depth)
      return ("["):rep(depth) .. ("]"):rep(depth)
    end
    assert.equal(nested(10), json.canonical(nested(10), false, 10))
    assert.equal("too deep", select(2, json.canonical(nested(11), false, 10)))
    assert.equal(
      "too deep",
      select(2, json.canonical(('{"a":'):rep(11) .. "1" .. ("}"):rep(11), false, 10))
    )
    assert.equal("[[],[[]],[]]", json.canonical("[[],[[]],[]]", false, 3))
  end)

  it("writes generated documents as Node.js does", function()
    if not os.execute "command -v node >/dev/null 2>&1" then
      return
    end
    -- Escapes that JSON.stringify does not write; it writes its own in lower case.
    local function respell(text)
      text = text:gsub("\\u(d[89ab]%x%x)\\u(d[c-f]%x%x)", function(high, low)
        local point = 0x10000 + (tonumber(high, 16) - 0xD800) * 0x400 + tonumber(low, 16) - 0xDC00
        return require("vault_internal").utf8.encode(point)
      end)
      local short = {
        [8] = "\\b",
        [9] = "\\t",
        [10] = "\\n",
        [12] = "\\f",
        [13] = "\\r",
        [34] = '\\"',
        [92] = "\\\\",
      }
      return (
        text:gsub("\\u(%x%x%x%x)", function(hex)
          local point = tonumber(hex, 16)
          if short[point] then
            return short[point]
          elseif point < 32 or (point >= 0xD800 and point < 0xE000) then
            return "\\u" .. hex
          end
          return require("vault_internal").utf8.encode(point)
        end)
      )
    end
    local count = tonumber(os.getenv "VAULT_SPEC_DOCUMENTS" or 2000)
    local pipe = assert(io.popen("node spec/support/canonical_json.mjs 1 " .. count))
    local seen = 0
    for text in pipe:lines() do
      local sorted, kept = pipe:read "*l", pipe:read "*l"
      assert.equal(sorted, respell(json.canonical(text)), text)
      assert.equal(kept, respell(json.canonical(text, KEEP_ARRAYS)), text)
      seen = seen + 1
    end
    pipe:close()
    assert.equal(count, seen)
  end)
end)
