-- Called between two slices of a wait, so that a debug hook can run: a Lua function, because
-- C functions have no count and line events.
return
