-- libcurl's descriptors, which programs started by the host must not inherit.
local child = require "spec.support.child"
local multi = require("vault_internal").multi

describe("a multi handle", function()
  it("has close-on-exec descriptors only", function()
    for _ = 1, 20 do
      assert.equal(0, multi.inheritable())
    end
  end)

  it("has close-on-exec descriptors where the free numbers are not contiguous", function()
    local files = {}
    for i = 1, 60 do
      files[i] = assert(io.open("/dev/null", "rb"))
    end
    for _, i in ipairs { 5, 25, 45 } do
      files[i]:close()
    end
    assert.equal(0, multi.inheritable())
    for _, file in ipairs(files) do
      if io.type(file) == "file" then
        file:close()
      end
    end
  end)

  it("has close-on-exec descriptors where standard error is closed", function()
    local text = child.run(
      [[
      local inheritable = require("vault_internal").multi.inheritable()
      io.stdout:write("inheritable: ", tostring(inheritable))
    ]],
      {},
      "2>&-"
    )
    assert.truthy(text:find("inheritable: 0", 1, true), text)
  end)

  it("does not change sockets that another thread opens meanwhile", function()
    local marked, opened = multi.marks_others(3000)
    assert.is_true(opened > 0)
    assert.equal(0, marked)
  end)
end)
