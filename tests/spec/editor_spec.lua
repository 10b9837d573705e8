--- The line editor in Lua's hands, at a terminal of its own.

local SCRIPT = [[
local core = require "sluice.core"
local editor
local refused = {}
local function try(name, ...)
  local ok, message = pcall(editor[name], editor, ...)
  refused[#refused + 1] = not ok and message:find("is reading", 1, true) and name or nil
end
editor = core.editor.new {
  complete = function() end,
  is_complete = function()
    try "close"
    try("read", "> ")
    try("keys", "vi")
    try("remember", "text")
    return true
  end,
}
local text, reason = editor:read "> "
editor:close()
print("refused", table.concat(refused, " "), text, reason)
]]

--- What the script shows when somebody types a line.
local function show(typed)
  local path = os.tmpname()
  local file <close> = assert(io.open(path, "wb"))
  file:write(SCRIPT)
  file:close()
  local command = "(sleep 1; printf '%s'; sleep 1) | TERM=xterm timeout 20 script -qec 'lua5.4 %s' /dev/null"
  local pipe <close> = assert(io.popen(command:format(typed, path)))
  local shown = pipe:read "a"
  os.remove(path)
  return shown
end

describe("the editor", function()
  it("is not to be had by what it calls while it reads", function()
    assert.matches("refused\tclose read keys remember\tline\tline", show("line\\r"))
  end)
end)
