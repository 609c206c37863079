-- generate.lua [--check]: see .ci/generate. In the files below, the lines between one that says "generated: NAME" and
-- the next that says "end of NAME" are replaced.
local check = arg[1] == "--check"

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

local changed = 0

local function update(path, sections)
  local before, lines, inside = read(path), {}, nil
  for line in before:gmatch "([^\n]*)\n" do
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
  local after = table.concat(lines, "\n") .. "\n"
  if after ~= before then
    changed = changed + 1
    if check then
      io.stderr:write(
        path,
        " is not what .ci/generate makes of the rows: run it, and commit what it writes\n"
      )
    else
      write(path, after)
      print("wrote " .. path)
    end
  end
end

-- types.lua first: the reference reads it.
update("lua/vault/types.lua", dofile ".ci/reference/luacats.lua")
local markdown = dofile ".ci/reference/markdown.lua"
update("lua/vault/REFERENCE.md", markdown)
update("README.md", markdown)
os.exit(check and changed > 0 and 1 or 0)
