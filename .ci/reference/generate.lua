-- generate.lua [--check] [--document PATH]: see .ci/generate. In the documentation it replaces the lines between one
-- with "generated: NAME" and the next one with "end of NAME".
package.path = ".ci/?.lua;" .. package.path

local REDUCED = "src/api/vault.json"

local check, document
do
  local index = 1
  while arg[index] do
    if arg[index] == "--check" then
      check = true
    elseif arg[index] == "--document" and arg[index + 1] then
      index = index + 1
      document = arg[index]
    else
      io.stderr:write "usage: .ci/generate [--check] [--document PATH]\n"
      os.exit(2)
    end
    index = index + 1
  end
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local changed = 0

-- Writes the file if its text differs; with --check only reports that.
local function update(path, text)
  local file = io.open(path, "rb")
  local before = file and file:read "*a"
  if file then
    file:close()
  end
  if text == before then
    return
  end
  changed = changed + 1
  if check then
    io.stderr:write(path, " is not what .ci/generate writes: run it, and commit the result\n")
    return
  end
  file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  print("wrote " .. path)
end

local function update_sections(path, sections)
  local lines, inside = {}, nil
  for line in read(path):gmatch "([^\n]*)\n" do
    local begins, ends = line:match "generated: (%w+)", line:match "end of (%w+)"
    if inside and ends == inside then
      inside = nil
    end
    if not inside then
      lines[#lines + 1] = line
    end
    if begins then
      local section = assert(sections[begins], path .. ": no such section: " .. begins)
      inside = begins
      lines[#lines + 1] = ""
      for _, generated in ipairs(section()) do
        lines[#lines + 1] = generated
      end
    end
  end
  assert(not inside, path .. ": no line says where this ends: " .. tostring(inside))
  update(path, table.concat(lines, "\n") .. "\n")
end

local function generate()
  if document then
    update(REDUCED, require "api.reduce"(read(document)))
  end
  local reduced = require("cjson").decode(read(REDUCED))
  local model = require "api.document"(reduced, require "api.overrides")
  local described = require "reference.described_model"(model, require "reference.descriptions")
  local c_rows = require "api.c_rows"
  update("src/api/schemas.h", c_rows.schemas_header(model))
  update("src/api/schemas.c", c_rows.schemas(model))
  update("src/api/operations.c", c_rows.operations(model))
  -- types.lua first: the reference reads it.
  update_sections("lua/vault/types.lua", require "reference.luacats"(described))
  local markdown = require "reference.markdown"(described)
  update_sections("lua/vault/REFERENCE.md", markdown)
  update_sections("README.md", markdown)
end

local done, problem = pcall(generate)
if not done then
  io.stderr:write(".ci/generate: ", tostring(problem), "\n")
end
os.exit(done and not (check and changed > 0) and 0 or 1)
