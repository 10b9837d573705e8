--- Ids, etags and tokens that follow from the seed alone: the n-th connection has the same id in every run,
-- whatever happened to other collections in between.
local Ids = {}
Ids.__index = Ids

local PRIME = 0x100000001b3

local function hash(text, start)
  local h = start
  for i = 1, #text do h = (h ~ text:byte(i)) * PRIME end
  h = (h ~ (h >> 30)) * 0xbf58476d1ce4e5b9
  h = (h ~ (h >> 27)) * 0x94d049bb133111eb
  return h ~ (h >> 31)
end

--- The 32 hexadecimal digits that belong to a name.
---@param name string
---@return string
function Ids:digits(name)
  local text = self.seed .. "\0" .. name
  return ("%016x%016x"):format(hash(text, 0xcbf29ce484222325), hash(text, 0x84222325cbf29ce4))
end

--- The UUID that belongs to a name, in the form of version 4.
---@param name string
---@return string
function Ids:uuid(name)
  local d = self:digits(name)
  local variant = ("%x"):format(8 + tonumber(d:sub(17, 17), 16) % 4)
  return table.concat({ d:sub(1, 8), d:sub(9, 12), "4" .. d:sub(14, 16), variant .. d:sub(18, 20),
    d:sub(21, 32) }, "-")
end

--- The next name of a series: "flows 1", "flows 2", …
---@param series string
---@return string
function Ids:next(series)
  local n = (self.counters[series] or 0) + 1
  self.counters[series] = n
  return series .. " " .. n
end

--- The etag of one revision of an entity; the quotes are part of it. [D: pattern of the samples]
---@param id string
---@param revision integer
---@return string
function Ids:etag(id, revision)
  local d = self:digits(("etag %s %d"):format(id, revision))
  return ('"%s-0000-%s-0000-%s0000"'):format(d:sub(1, 8), d:sub(9, 12), d:sub(13, 20))
end

local M = {}

--- Makes a source of ids.
---@param seed? string without it each call gives another source
---@return table ids
function M.new(seed)
  seed = seed or ("%d %d"):format(os.time(), math.random(0))
  return setmetatable({ seed = seed, counters = {} }, Ids)
end

return M
