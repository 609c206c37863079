--- The page that lists the connections.
local badge = require "badge"
local html = require "html"
local links = require "links"
local session = require "session"

local list_page = {}

local PAGE = [[
<h1>Integrations</h1>
<nav class="tabs">
<a href="{added_link}"{{added_current}}>Added ({added_count})</a>
<a href="{available_link}"{{available_current}}>Available ({available_count})</a>
</nav>
<form class="search" method="get" action="/integrations" role="search">
<input type="hidden" name="tab" value="{tab}">
<input type="search" name="q" value="{query}" placeholder="Search" aria-label="Search integrations">
<button>Search</button>
</form>
<ul class="connections">
{{rows}}</ul>
]]

local ROW = [[
<li id="{id}">
<span class="icon" aria-hidden="true"><b>{initial}</b>{{image}}</span>
<span class="name">{{name}}<small>{tag_line}</small></span>
<span class="badge {colour}">{badge}</span>
{{action}}</li>
]]

local ENABLE = [[
<form method="post" action="{action}">
<input type="hidden" name="csrf_token" value="{csrf_token}">
<button name="do" value="enable">Add</button>
</form>
]]

local function image(connection)
  local address = html.href(connection.icon)
  return address and ('<img src="%s" alt="" loading="lazy">'):format(address)
end

local function row(connection)
  local text, colour = badge.of(connection)
  local page = links.connection(connection)
  local available = connection.state == "available"
  local name = connection.name or connection.service_id
  return html.fill(ROW, {
    id = connection.unified_api .. "-" .. connection.service_id,
    initial = name:sub(1, 1),
    image = image(connection),
    name = available and html.escape(name)
      or html.fill('<a href="{page}">{name}</a>', { page = page, name = name }),
    tag_line = connection.tag_line,
    badge = text,
    colour = colour,
    action = available and html.fill(ENABLE, { action = page, csrf_token = session.token "form" }),
  })
end

local function matches(connection, query)
  local name = (connection.name or "") .. " " .. (connection.service_id or "")
  return name:lower():find(query:lower(), 1, true) ~= nil
end

local function by_name(a, b)
  return (a.name or ""):lower() < (b.name or ""):lower()
end

local function link(tab, query)
  return "/integrations?" .. ngx.encode_args { tab = tab, q = query }
end

--- `arguments`: tab = "added" (default) or "available", q = text to search for.
function list_page.render(connections, arguments)
  local query = type(arguments.q) == "string" and arguments.q or ""
  local tab = arguments.tab == "available" and "available" or "added"
  table.sort(connections, by_name)
  local counts, rows = { added = 0, available = 0 }, {}
  for _, connection in ipairs(connections) do
    if matches(connection, query) then
      local of = connection.state == "available" and "available" or "added"
      counts[of] = counts[of] + 1
      rows[#rows + 1] = of == tab and row(connection) or ""
    end
  end
  local current = ' aria-current="page"'
  return html.fill(PAGE, {
    tab = tab,
    query = query,
    added_link = link("added", query),
    available_link = link("available", query),
    added_count = counts.added,
    available_count = counts.available,
    added_current = tab == "added" and current or nil,
    available_current = tab == "available" and current or nil,
    rows = counts[tab] > 0 and table.concat(rows) or "<li>Nothing here.</li>\n",
  })
end

return list_page
