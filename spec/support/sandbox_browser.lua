--- What a browser does with the sandbox's pages: opens links and sends forms.
local url = require "vault.sandbox.url"

local browser = {}

function browser.open(sandbox, page_url)
  return sandbox:handle { method = "GET", url = page_url, headers = {} }
end

function browser.unescape(text)
  local names = { amp = "&", lt = "<", gt = ">", quot = '"', ["#39"] = "'" }
  return (text:gsub("&([%w#]+);", names))
end

--- Sends the hidden fields of a page with `fields`: the button, and what the user typed.
function browser.press(sandbox, page_url, page, fields)
  local sent, seen = {}, {}
  local function add(name, value)
    sent[#sent + 1] = url.encode(name) .. "=" .. url.encode(value)
  end
  for name, value in page.body:gmatch('<input type="hidden" name="([%w_]+)" value="([^"]*)">') do
    if not seen[name] then
      seen[name] = true
      add(name, browser.unescape(value))
    end
  end
  for name, value in pairs(fields) do
    for _, one in ipairs(type(value) == "table" and value or { value }) do
      add(name, one)
    end
  end
  return sandbox:handle {
    method = "POST",
    url = page_url,
    headers = { ["content-type"] = "application/x-www-form-urlencoded" },
    body = table.concat(sent, "&"),
  }
end

--- The target of the link with this text.
function browser.link(page, text)
  for target, shown in page.body:gmatch('<a href="([^"]*)">([^<]*)</a>') do
    if browser.unescape(shown) == text then
      return browser.unescape(target)
    end
  end
end

return browser
