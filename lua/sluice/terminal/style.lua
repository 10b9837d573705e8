--- Colours for people at a terminal, none for anybody else.

local M = {}

local CODES = { name = "36", string = "32", number = "33", word = "35", faint = "2", heading = "1", bad = "31",
  alarm = "1;97;41" }

---@class sluice.terminal.Style
---@field colour boolean
local Style = {}
Style.__index = Style

--- A text in a colour.
---@param kind string
---@param text string
---@return string
function Style:paint(kind, text)
  if not self.colour then return text end
  return ("\27[%sm%s\27[0m"):format(CODES[kind], text)
end

--- The text as it was before it was painted.
---@param text string
---@return string
function Style.plain(text) return (text:gsub("\27%[[%d;]*m", "")) end

--- A style.
---@param colour boolean
---@return sluice.terminal.Style
function M.new(colour) return setmetatable({ colour = colour }, Style) end

--- Are colours wanted on this terminal?
---@param env? fun(name: string): string|nil
---@return boolean
function M.wanted(env)
  env = env or os.getenv
  local forbidden = env "NO_COLOR"
  return (forbidden == nil or forbidden == "") and env "TERM" ~= "dumb"
end

return M
