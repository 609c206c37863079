std = "max" -- what any of the supported versions has; the specs run on all of them
max_line_length = 120
exclude_files = { "build*/", "node_modules/" }

files["lua/vault/loop/nginx.lua"] = { std = "max+ngx_lua" }
files["lua/vault/guard/"] = { std = "max+ngx_lua" }
files["examples/openresty"] = { std = "max+ngx_lua" }
files["bench/nginx"] = { std = "max+ngx_lua" }
files["spec"] = { std = "max+busted" }
files["examples/love"] = { std = "max+love", ignore = { "143" } } -- luacheck's LÖVE is older
files[".ci/reference/descriptions.lua"] = { ignore = { "631" } } -- sentences
files["lua/vault/types.lua"] = { ignore = { "212", "241", "631" } } -- declarations only, with long descriptions
