--- Collects everything that nothing names any more.
--
-- Userdata in cycles take more than one round on 5.1. On LuaJIT two things may still name a dead
-- value: a trace, whose constants are the functions that it was recorded with (and whether one has
-- been recorded hangs on addresses, so on chance), and a slot of the stack that is not used any more.

local function overwrite_stack(depth)
  local a, b, c, d = depth, depth, depth, depth
  return depth == 0 and 0 or overwrite_stack(depth - 1) + (a + b + c + d) * 0
end

return function()
  for _ = 1, 4 do
    overwrite_stack(50)
    if jit then
      jit.flush()
    end
    collectgarbage()
  end
end
