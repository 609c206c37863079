-- For spec/mutations/run: edits.lua root list [text...] | edits.lua root apply number
--
-- An edit in edits/*.txt is the text to replace, after "- ", and what replaces it, after "+ "; both may be parts of
-- lines.
--
--     == file
--     = the bug that results: the spec files that should fail, the fastest first
--     - text that occurs in the file exactly once
--     + other text
local root, command, argument = ...

-- In the order in which they run: the lower layers first.
local FILES = { "base", "api", "http", "redact", "json", "call", "lua", "loops" }

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

local function exists(path)
  local file = io.open(path, "rb")
  return file ~= nil and file:close()
end

local function words(text)
  local list = {}
  for word in text:gmatch "%S+" do
    list[#list + 1] = word
  end
  return list
end

-- Appends the edits of one of the files.
local function read_edits(path, edits)
  local number, source, edit = 0
  for line in io.lines(path) do
    number = number + 1
    local mark, rest = line:match "^([-+=]=?) ?(.*)$"
    local title, specs = (rest or ""):match "^(.+): ([%w_ ]+)$"
    if mark == "==" then
      source, edit = rest, nil
    elseif mark == "=" and source and title then
      edit = { file = source, title = title, specs = words(specs), ["-"] = {}, ["+"] = {} }
      edit.where = ("%s:%d: %s: %s"):format(path:match "[^/]+$", number, source, title)
      edits[#edits + 1] = edit
    elseif edit and (mark == "-" or mark == "+") then
      table.insert(edit[mark], rest)
    elseif line ~= "" and source then
      error(("%s:%d: is no line of an edit"):format(path, number), 0)
    end
  end
end

local function replace(text, edit)
  local from, to = table.concat(edit["-"], "\n"), table.concat(edit["+"], "\n")
  local first, last = text:find(from, 1, true)
  if from == "" or from == to or not first then
    error(edit.where .. ": the text to replace is not in the file; correct the edit", 0)
  end
  if text:find(from, first + 1, true) then
    error(edit.where .. ": the text to replace occurs more than once; make it longer", 0)
  end
  return text:sub(1, first - 1) .. to .. text:sub(last + 1)
end

local function check(edit)
  replace(read(root .. "/" .. edit.file), edit)
  for _, name in ipairs(edit.specs) do
    if not exists(("%s/spec/%s_spec.lua"):format(root, name)) then
      error(("%s: there is no spec/%s_spec.lua"):format(edit.where, name), 0)
    end
  end
end

local function is_chosen(edit, texts)
  local described = edit.where .. " " .. table.concat(edit.specs, " ")
  for _, text in ipairs(texts) do
    if described:find(text, 1, true) then
      return true
    end
  end
  return #texts == 0
end

local function list(edits, texts)
  local problems = {}
  for number, edit in ipairs(edits) do
    local passed, problem = pcall(check, edit)
    if not passed then
      problems[#problems + 1] = problem
    elseif is_chosen(edit, texts) then
      print(("%d\t%s\t%s\t%s"):format(number, edit.file, edit.title, table.concat(edit.specs, " ")))
    end
  end
  if problems[1] then
    error(table.concat(problems, "\n"), 0)
  end
end

local function main()
  local edits = {}
  for _, name in ipairs(FILES) do
    read_edits(("%s/spec/mutations/edits/%s.txt"):format(root, name), edits)
  end
  if command == "list" then
    return list(edits, { select(3, table.unpack(arg)) })
  end
  local edit = edits[tonumber(argument)]
  local path = root .. "/" .. edit.file
  write(path, replace(read(path), edit))
end

local done, problem = pcall(main)
if not done then
  io.stderr:write(problem, "\n")
  os.exit(1)
end
