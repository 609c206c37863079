-- Replays a year of versions of Apideck's document: each change needs descriptions, and no other manual work.
local api_history = require "spec.support.api_history"

local path_before = package.path
package.path = ".ci/?.lua;" .. package.path
local c_rows = require "api.c_rows"
local model_of = require "api.document"
local described_model = require "reference.described_model"
package.path = path_before

-- The overrides that have an effect on a document.
local function overrides_of(document)
  local overrides = dofile ".ci/api/overrides.lua"
  while true do
    local made, problem = pcall(model_of, document, overrides)
    if made then
      return overrides
    end
    local section, name = tostring(problem):match "^overrides: (%S+) (%S+) has no effect"
    assert(section, problem)
    if #overrides[section] > 0 then
      for index, entry in ipairs(overrides[section]) do
        if entry == name or entry.name == name then
          table.remove(overrides[section], index)
          break
        end
      end
    else
      overrides[section][name] = nil
    end
  end
end

-- Adds and removes the descriptions that `message` names; fails where it names anything else. Returns how many.
local function follow(descriptions, message)
  local count = 0
  for line in message:gmatch "\n  ([^\n]+)" do
    count = count + 1
    local section, name = line:match "^(%S+) has no description of (%S+)$"
    local gone_section, gone = line:match "^(%S+) describes (%S+), which there is not$"
    local owner, field = (name or gone or ""):match "^([^.]+)%.([^.]+)$"
    if (section or gone_section) == "schemas" and field then
      descriptions.schemas[owner].fields[field] = section and "new" or nil
    elseif section then
      descriptions[section][name] = section == "schemas" and { fields = {} } or "new"
    else
      assert(gone, line)
      descriptions[gone_section][gone] = nil
    end
  end
  return count
end

local function describe_fully(model, descriptions)
  local edits = 0
  while true do
    local described, problem = pcall(described_model, model, descriptions)
    if described then
      return edits
    end
    local count = follow(descriptions, tostring(problem))
    assert(count > 0, problem)
    edits = edits + count
  end
end

-- Of each newer version: how many operations it has, how many descriptions to add or remove, and whether an override
-- lost its effect.
local STEPS = {
  { "10.23.13", 27, 0, false },
  { "10.24.1", 27, 0, false },
  { "10.24.3", 27, 3, false },
  { "10.24.3", 29, 13, false },
  { "10.24.9", 27, 8, true },
  { "10.24.24", 27, 3, false },
  { "10.24.30", 29, 4, false },
  { "10.24.32", 28, 6, false },
  { "10.24.37", 28, 0, false },
  { "10.24.40", 28, 7, false },
  { "10.24.43", 28, 1, false },
  { "10.24.44", 28, 0, false },
  { "10.24.44", 28, 0, false },
  { "10.24.46", 28, 0, false },
  { "10.24.47", 28, 0, false },
  { "10.25.1", 28, 0, false },
  { "10.30.0", 28, 0, false },
  { "10.34.0", 29, 4, false },
}

describe("an upgrade of the API's document", function()
  local versions = api_history.versions()

  it("has a history to run on", function()
    assert.equal("10.21.15", versions[#versions].info.version)
    assert.equal(#STEPS, #versions - 1)
  end)

  for index, step in ipairs(STEPS) do
    local older, newer = versions[#versions - index + 1], versions[#versions - index]
    it(("%s to %s"):format(older.info.version, newer.info.version), function()
      local overrides = overrides_of(older)
      local descriptions = dofile ".ci/reference/descriptions.lua"
      describe_fully(model_of(older, overrides), descriptions)
      local made, model = pcall(model_of, newer, overrides)
      if not made then
        assert.is_truthy(tostring(model):find "^overrides: %S+ %S+ has no effect", model)
        model = model_of(newer, overrides_of(newer))
      end
      local edits = describe_fully(model, descriptions)
      local found = { newer.info.version, #model.operations, edits, not made }
      assert.same(step, found)
      assert.is_true(#c_rows.operations(model) > 0 and #c_rows.schemas(model) > 0)
    end)
  end
end)
