-- Reads a YAML document and keeps the order of its mappings, which lyaml.load loses.
local yaml = require "yaml" -- libyaml's parser; from Debian's lua-yaml, or the rock lyaml

local yaml_document = { null = setmetatable({}, { __name = "null" }) }

-- The names of each mapping, in the document's order.
local names_of = setmetatable({}, { __mode = "k" })

--- The names of a mapping that was read, in the document's order.
function yaml_document.names(mapping)
  return names_of[mapping] or {}
end

-- The scalars of YAML 1.2's core schema (10.3.2) that an OpenAPI document needs.
local function scalar(event)
  local text = event.value
  if event.style ~= "PLAIN" then
    return text
  elseif text == "true" or text == "false" then
    return text == "true"
  elseif text == "" or text == "~" or text == "null" then
    return yaml_document.null
  elseif text:find "^[-+]?%d+$" or text:find "^[-+]?%d*%.%d+$" then
    return tonumber(text)
  end
  return text
end

local node

local function mapping(next_event, anchors, anchor)
  local result, names = {}, {}
  names_of[result] = names
  if anchor then
    anchors[anchor] = result
  end
  local event = next_event()
  while event.type ~= "MAPPING_END" do
    local name = event.value
    result[name] = node(next_event, anchors, next_event())
    names[#names + 1] = name
    event = next_event()
  end
  return result
end

local function sequence(next_event, anchors, anchor)
  local result = {}
  if anchor then
    anchors[anchor] = result
  end
  local event = next_event()
  while event.type ~= "SEQUENCE_END" do
    result[#result + 1] = node(next_event, anchors, event)
    event = next_event()
  end
  return result
end

function node(next_event, anchors, event)
  if event.type == "MAPPING_START" then
    return mapping(next_event, anchors, event.anchor)
  elseif event.type == "SEQUENCE_START" then
    return sequence(next_event, anchors, event.anchor)
  elseif event.type == "ALIAS" then
    return anchors[event.anchor]
  end
  local value = scalar(event)
  if event.anchor then
    anchors[event.anchor] = value
  end
  return value
end

--- The value of the first document in `text`.
function yaml_document.parse(text)
  local next_event = yaml.parser(text)
  local event
  repeat
    event = next_event()
  until event.type ~= "STREAM_START" and event.type ~= "DOCUMENT_START"
  return node(next_event, {}, event)
end

return yaml_document
