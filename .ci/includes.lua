-- includes.lua [directory [document]]: checks how the files of src/ (or of that directory) include each other, and
-- that CONTRIBUTING.md (or that document) describes them. Prints each include that points the wrong way, each ring of
-- includes and each wrong line of the document, and exits with 1 if there is any.
local directory = arg[1] or "src"
local document = arg[2] or not arg[1] and "CONTRIBUTING.md" or nil

-- What the files of a directory may include, besides their own directory.
local may_include = {
  base = {},
  api = { base = true },
  http = { base = true, api = true },
  redact = { base = true, api = true, http = true },
  lua_api = { base = true },
  json = { base = true, api = true, lua_api = true },
  call = { base = true, api = true, http = true, redact = true, lua_api = true, json = true },
  lua = {
    base = true,
    api = true,
    http = true,
    redact = true,
    lua_api = true,
    json = true,
    call = true,
  },
}
local knows_lua = { lua_api = true, json = true, call = true, lua = true }
local knows_curl = { http = true }

local problems = {}

local function report(...)
  problems[#problems + 1] = string.format(...)
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

-- A header and the source of the same name are one module; so are transfer.c and transfer_private.h.
local function module_of(path)
  return (path:gsub("%.[ch]$", ""):gsub("_private$", ""))
end

local includes = {} -- by module: a set of modules
local function add(from, to)
  includes[from] = includes[from] or {}
  if to and to ~= from then
    includes[from][to] = true
  end
end

local function check_system_include(path, home, header)
  local is_lua = header:match "^lua" or header:match "^lauxlib"
  if is_lua and not knows_lua[home] then
    report("%s includes <%s>: src/%s must not know Lua", path, header, home)
  elseif header:match "^curl/" and not knows_curl[home] then
    report("%s includes <%s>: src/%s must not know libcurl", path, header, home)
  end
end

local function check_own_include(path, home, header)
  local target = header:match "^([%w_]+)/"
  if not target then
    if header ~= "vault.h" then
      report('%s includes "%s": write the directory too, as in "base/buffer.h"', path, header)
    elseif not knows_lua[home] then
      report('%s includes "%s": src/%s must not know Lua', path, header, home)
    end
    return
  end
  if target == "embedded" then -- made from a file of src/ (cmake/VaultEmbed.cmake)
    return
  end
  if target ~= home and not may_include[home][target] then
    report('%s includes "%s": src/%s must not include src/%s', path, header, home, target)
  end
  add(module_of(home .. "/" .. path:match "[^/]+$"), module_of(header))
end

local function check_file(path)
  local home = path:sub(#directory + 2):match "^([%w_]+)/"
  if not home then
    return
  elseif not may_include[home] then
    report("%s: nothing says what src/%s may include; add it to .ci/includes.lua", path, home)
    return
  end
  add(module_of(home .. "/" .. path:match "[^/]+$"))
  local text = read(path)
  for header in text:gmatch "#%s*include%s+<([^>]+)>" do
    check_system_include(path, home, header)
  end
  for header in text:gmatch '#%s*include%s+"([^"]+)"' do
    check_own_include(path, home, header)
  end
end

-- Tarjan's strongly connected components: each one of more than one module is a ring.
local index, low, on_stack, stack, count = {}, {}, {}, {}, 0
local function visit(module)
  count = count + 1
  index[module], low[module] = count, count
  stack[#stack + 1] = module
  on_stack[module] = true
  for other in pairs(includes[module] or {}) do
    if not index[other] then
      visit(other)
      low[module] = math.min(low[module], low[other])
    elseif on_stack[other] then
      low[module] = math.min(low[module], index[other])
    end
  end
  if low[module] ~= index[module] then
    return
  end
  local ring = {}
  local member
  repeat
    member = table.remove(stack)
    on_stack[member] = nil
    ring[#ring + 1] = member
  until member == module
  if #ring > 1 then
    table.sort(ring)
    report("these files include each other: %s", table.concat(ring, ", "))
  end
end

local listing = assert(io.popen(("find '%s' -name '*.[ch]' | sort"):format(directory)))
for path in listing:lines() do
  check_file(path)
end
listing:close()
local modules = {}
for module in pairs(includes) do
  modules[#modules + 1] = module
end
table.sort(modules)
for _, module in ipairs(modules) do
  if not index[module] then
    visit(module)
  end
end

-- The document: its table of directories, its walks through the files, and the paths in backticks.

local function exists(path)
  local file = io.open(path, "rb")
  return file ~= nil and file:close()
end

local function list(set)
  local names = {}
  for name in pairs(set) do
    names[#names + 1] = name
  end
  table.sort(names)
  return table.concat(names, ", ")
end

-- A row such as | `src/json` | `lua_api`, `base` | ... |
local function check_rows(text)
  local seen = {}
  for home, cell in text:gmatch "\n| `src/([%w_]+)` |([^|\n]*)|" do
    local stated = {}
    for name in cell:gmatch "`([%w_]+)`" do
      stated[name] = true
    end
    seen[home] = true
    local allowed = may_include[home] or {}
    if list(stated) ~= list(allowed) then
      report("%s: src/%s may include %s; it says %s", document, home, list(allowed), list(stated))
    end
  end
  for home in pairs(may_include) do
    if not seen[home] then
      report("%s: has no row for src/%s", document, home)
    end
  end
end

-- Whether one source uses a function that the other one defines.
local function uses(user, definer)
  local text = read(user)
  local used = {}
  for name in text:gmatch "[%a_][%w_]*" do
    used[name] = true
  end
  for line in read(definer):gmatch "[^\n]+" do
    local name = line:match "^[%a_][%w_%s%*]-([%a_][%w_]*)%("
    if name and not line:match "^static" and used[name] then
      return true
    end
  end
  return false
end

-- Walks are the lines of code blocks that begin with a source file: each one uses a function of those indented below.
local function check_walk(block)
  local above = {} -- by depth
  for indent, path in ("\n" .. block):gmatch "\n( *)([%w_]+/[%w_]+%.c) +[^\n]+" do
    local depth, file = #indent / 2, directory .. "/" .. path
    if not exists(file) then
      report("%s: there is no %s", document, file)
      return
    end
    local user = above[depth - 1]
    if depth > 0 and not (user and uses(user, file)) then
      report("%s: %s does not call a function of %s", document, user or "(no file)", file)
    end
    above[depth] = file
  end
end

local function check_document()
  local text = read(document)
  check_rows(text)
  for block in text:gmatch "\n```%w*\n(.-)\n```" do
    check_walk(block)
  end
  for path in text:gmatch "`([%w_.]+/[%w_./]+%.%a+)`" do
    if not exists(path) then
      report("%s: there is no %s", document, path)
    end
  end
end

if document then
  check_document()
end

for _, problem in ipairs(problems) do
  print(problem)
end
os.exit(#problems > 0 and 1 or 0)
