-- Timers in order of their time: src/http/timer_queue.c.
local timers = require("vault_internal").timers

local function sorted(dues, removed, now)
  local gone, numbers = {}, {}
  for _, number in ipairs(removed) do
    gone[number] = true
  end
  for number, due in ipairs(dues) do
    if not gone[number] and due <= now then
      numbers[#numbers + 1] = number
    end
  end
  table.sort(numbers, function(a, b)
    return dues[a] < dues[b]
  end)
  return numbers
end

describe("a queue of timers", function()
  it("returns the timers that are due, in order of their time", function()
    assert.same({ 2, 4, 1 }, timers.order({ 30, 10, 50, 20 }, {}, 40))
    assert.same({}, timers.order({ 30, 10 }, {}, 5))
    assert.same({}, timers.order({}, {}, 5))
  end)

  it("returns no removed timer, wherever it was", function()
    local dues = { 5, 3, 8, 1, 9, 2, 7 }
    for number = 1, #dues do
      assert.same(sorted(dues, { number }, 100), timers.order(dues, { number }, 100))
    end
    assert.same({ 2 }, timers.order({ 1, 2 }, { 1, 1 }, 100))
  end)

  it("agrees with sorting, in any order of insertion", function()
    for round = 1, 200 do
      local dues, removed = {}, {}
      for i = 1, math.random(0, 60) do
        dues[i] = math.random() * 100 -- no two are the same
        if math.random(4) == 1 then
          removed[#removed + 1] = math.random(i)
        end
      end
      local now = round % 2 == 0 and 200 or 50
      assert.same(sorted(dues, removed, now), timers.order(dues, removed, now))
    end
  end)

  it("inserts 100,000 timers in falling order in time", function()
    local dues = {}
    for i = 1, 100000 do
      dues[i] = 100000 - i
    end
    local order = timers.order(dues, {}, 100000)
    assert.equal(100000, #order)
    assert.equal(100000, order[1])
    assert.equal(1, order[100000])
  end)
end)
