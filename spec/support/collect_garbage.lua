--- Collects everything that is not referenced.
--
-- Userdata in cycles take more than one round on 5.1. On LuaJIT two things may still reference a dead
-- value: a trace, whose constants include the functions that it was recorded with (whether one is
-- recorded depends on addresses), and an unused slot of the stack.

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
