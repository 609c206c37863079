-- LÖVE reads this before main.lua (love.conf). The globals `love` and `arg` are LÖVE's.
function love.conf(t)
  t.identity = "vault-connections" -- where captureScreenshot writes
  t.version = "11.4"
  t.window.title = "Vault connections"
  t.window.width = 960
  t.window.height = 600
  t.window.vsync = 0 -- main.lua keeps 60 frames a second itself, also where there is no display to wait for
  t.modules.audio = false
  t.modules.joystick = false
  t.modules.physics = false
  t.modules.sound = false
  t.modules.video = false
end
