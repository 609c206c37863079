--- stub(holder, name, value): replaces a field; returns the function that restores the old value.
return function(holder, name, value)
  local old = holder[name]
  holder[name] = value
  return function()
    holder[name] = old
  end
end
