--- HTML as text: all values from outside are passed through escape or href.
local html = {}

local escapes =
  { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

function html.escape(value)
  return (tostring(value):gsub("[&<>\"']", escapes))
end

--- `template` with each {name} replaced by the escaped value, and each {{name}} by the value as it
-- is, which must be HTML already. An absent or false value is empty.
function html.fill(template, values)
  return (
    template:gsub("{({?)([%w_]+)}}?", function(raw, name)
      local value = values[name]
      if not value then
        return ""
      end
      return raw == "{" and value or html.escape(value)
    end)
  )
end

--- A URL that may stand in an attribute, escaped; nil for anything but http and https (javascript:
-- and data: URLs run as this page).
function html.href(url)
  if type(url) == "string" and url:lower():find "^https?://[^%s]+$" then
    return html.escape(url)
  end
  return nil
end

local PAGE = [[
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/integrations.css">
</head>
<body>
<main>
{{notice}}{{content}}
</main>
</body>
</html>
]]

--- Sends a whole page.
function html.send(status, title, content, notice)
  ngx.status = status
  ngx.header.content_type = "text/html; charset=utf-8"
  ngx.header.content_security_policy = "default-src 'none'; style-src 'self'; img-src https:;"
    .. " frame-ancestors 'none'; base-uri 'none'"
  ngx.header.x_content_type_options = "nosniff"
  ngx.header.referrer_policy = "no-referrer"
  ngx.header.cache_control = "no-store"
  local shown = notice
    and html.fill('<p class="notice" role="status">{text}</p>\n', {
      text = notice,
    })
  ngx.print(html.fill(PAGE, { title = title, content = content, notice = shown }))
  return ngx.exit(ngx.OK)
end

return html
