--- HTML of the sandbox's pages: no scripts, and everything that is shown is escaped.
local html = {}

local escapes =
  { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

function html.escape(text)
  return (tostring(text):gsub("[&<>\"']", escapes))
end

local style = [[
body { font: 16px/1.5 system-ui, sans-serif; color: #222; }
body { max-width: 32rem; margin: 4rem auto; padding: 0 1rem; }
button { font: inherit; padding: .5rem 1.5rem; margin-right: .5rem; }
label { display: block; margin: .75rem 0; }
input, select, textarea { font: inherit; }
li { margin: .5rem 0; }
footer { margin-top: 3rem; color: #666; font-size: .85rem; }
]]

-- No form-action: browsers hold redirects after a form to it too, and those go to the application.
local content_security_policy =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"

--- A page. `content` is HTML, `title` is text.
function html.page(status, title, content)
  local body = table.concat {
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    "<title>" .. html.escape(title) .. "</title><style>" .. style .. "</style></head><body>",
    "<h1>" .. html.escape(title) .. "</h1>\n" .. content,
    "<footer>This is the Vault sandbox: nothing here reaches a real service.</footer>",
    "</body></html>\n",
  }
  return {
    status = status,
    headers = {
      ["content-type"] = "text/html; charset=utf-8",
      ["content-security-policy"] = content_security_policy,
      ["x-content-type-options"] = "nosniff",
      ["x-frame-options"] = "DENY",
      ["referrer-policy"] = "no-referrer",
      ["cache-control"] = "no-store",
    },
    body = body,
  }
end

function html.refusal(status, text)
  return html.page(status, "This link does not work", "<p>" .. html.escape(text) .. "</p>\n")
end

--- 405, for a page that takes only the methods of `allow`, such as "GET, POST".
function html.wrong_method(allow)
  local response = html.refusal(405, "This page is for a browser.")
  response.headers.allow = allow
  return response
end

function html.redirect(status, target)
  return {
    status = status,
    headers = {
      location = target,
      ["cache-control"] = "no-store",
      ["referrer-policy"] = "no-referrer",
    },
    body = "",
  }
end

function html.hidden_field(name, value)
  return '<input type="hidden" name="' .. name .. '" value="' .. html.escape(value) .. '">\n'
end

return html
