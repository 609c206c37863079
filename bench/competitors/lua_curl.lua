--- By hand on lua-curl, libcurl's binding in Debian, with cjson.
local cjson = require "cjson"
local curl = require "curl"
local worker = require "worker"

local competitor = {}

local function header_lines(with_body)
  local lines = {}
  for name, value in pairs(worker.headers) do
    table.insert(lines, name .. ": " .. value)
  end
  if with_body then
    table.insert(lines, "content-type: application/json")
    table.insert(lines, "expect:")
  end
  return lines
end

function competitor.row(row)
  local easy = curl.easy_init()
  local chunks
  easy:setopt(curl.OPT_URL, row.url)
  easy:setopt(curl.OPT_NOSIGNAL, 1)
  easy:setopt(curl.OPT_PROXY, "")
  easy:setopt(curl.OPT_CAINFO, worker.authority)
  easy:setopt(curl.OPT_HTTP_VERSION, curl.HTTP_VERSION_1_1)
  easy:setopt(curl.OPT_ACCEPT_ENCODING, "")
  easy:setopt(curl.OPT_FAILONERROR, 1)
  easy:setopt(curl.OPT_HTTPHEADER, header_lines(row.body))
  if row.body then
    easy:setopt(curl.OPT_POST, 1)
    easy:setopt(curl.OPT_CUSTOMREQUEST, row.method)
  end
  easy:setopt(curl.OPT_WRITEFUNCTION, function(chunk, length)
    chunks[#chunks + 1] = chunk
    return length
  end)
  return function()
    if row.body then
      local body = cjson.encode(row.body)
      easy:setopt(curl.OPT_POSTFIELDS, body)
      easy:setopt(curl.OPT_POSTFIELDSIZE, #body)
    end
    chunks = {}
    assert(easy:perform())
    return cjson.decode(table.concat(chunks))
  end
end

worker.run(competitor)
