-- Runs busted under the interpreter that runs this file; the installed `busted` command picks one of its own.
-- With VAULT_SPEC_EAGER_COLLECTOR set the garbage collector never pauses, so that unanchored values are freed at once.
if os.getenv "VAULT_SPEC_EAGER_COLLECTOR" then
  collectgarbage("setpause", 1)
  collectgarbage("setstepmul", 1000)
end
require "busted.runner" { standalone = false }
