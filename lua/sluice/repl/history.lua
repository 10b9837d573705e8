--- What was typed before, in a file that only its owner reads. What begins with a blank, and what gives a secret away,
--- is not kept. One text a line; a newline is written as \n, a backslash as \\.

local core = require "sluice.core"
local secrets = require "sluice.repl.secrets"

local M = {}

M.KEPT = 1000

---@class sluice.repl.History
---@field path string|nil nil: nothing is kept
local History = {}
History.__index = History

--- The file for a profile: $XDG_STATE_HOME/sluice/history/NAME, by default below ~/.local/state.
---@param name string of the profile
---@param env? fun(variable: string): string|nil
---@return string|nil path nil where neither variable is set
function M.path(name, env)
  local base = require("sluice.folders").of("XDG_STATE_HOME", ".local/state", env)
  return base and ("%s/sluice/history/%s"):format(base, (name:gsub("[^%w._-]", "_"):gsub("^%.", "_")))
end

local function encode(text) return (text:gsub("\\", "\\\\"):gsub("\n", "\\n")) end

local function decode(line)
  return (line:gsub("\\(.)", function(byte) return byte == "n" and "\n" or byte end))
end

--- What is kept, the oldest first.
---@return string[] texts
function History:read()
  local texts = {}
  local file <close> = self.path and io.open(self.path, "rb") or nil
  for line in file and file:lines() or function() end do texts[#texts + 1] = decode(line) end
  local first = math.max(1, #texts - M.KEPT + 1)
  return table.move(texts, first, #texts, 1, {}), #texts
end

local function write(file, texts)
  for _, text in ipairs(texts) do
    if not file:write(encode(text), "\n") then return false end
  end
  return file:close() ~= nil
end

--- Leaves the last ones when there are many more. Readers see the old file or the new one.
function History:shorten()
  local texts, count = self:read()
  if count <= 2 * M.KEPT then return end
  local partial = self.path .. ".part"
  if write(core.files.create(partial), texts) then os.rename(partial, self.path) end
end

--- May this be kept?
---@param text string
---@return boolean
function M.is_fit(text)
  return text:find "^%S" ~= nil and #text <= 65536 and not secrets.is_disclosing(text)
end

--- Keeps a text. What cannot be written is forgotten: a full disk does not end a session.
---@param text string
function History:add(text)
  if not self.path or text == self.last or not M.is_fit(text) then return end
  self.last = text
  pcall(function()
    local there = io.open(self.path, "rb")
    if there then
      there:close()
    else
      core.files.make_folder(self.path:match "^(.*)/")
      core.files.create(self.path):close()
    end
    local file = assert(io.open(self.path, "ab"))
    write(file, { text })
  end)
end

--- The history of a profile.
---@param path string|nil from `path`; nil keeps nothing
---@return sluice.repl.History
function M.open(path)
  local self = setmetatable({ path = path }, History)
  if path then pcall(self.shorten, self) end
  return self
end

return M
