--- What the IDs in listed entities stand for: accounts by their names, connection specs by what the catalog calls them.
--- Asked for when the first row needs it, and no further than it needs it.

local catalog = require "sluice.catalog"
local core = require "sluice.core"
local facts = require "sluice.overview.facts"

local M = {}

---@class sluice.cli.list.Names
---@field private aep sluice.Client
---@field private accounts table<string, string> names by ID, as far as they were read
---@field private more_accounts fun(): table|nil
---@field private specs table<string, string>|nil
local Names = {}
Names.__index = Names

--- The entities of a list; none where it is closed to these credentials, for IDs without names are better than nothing.
local function open_list(collection, query)
  local ok, iterator = pcall(collection.each, collection, query)
  if ok then return iterator end
  if not core.error.is(iterator, "service") or iterator.status ~= 403 then error(iterator, 0) end
  return function() end
end

--- The name of an account. Accounts are read, newest first, until it is among them: dataflows come in the same order.
---@param id string|nil
---@return string|nil name the ID itself where there is no such account, or it has no name
function Names:account(id)
  if type(id) ~= "string" then return nil end
  self.more_accounts = self.more_accounts or open_list(self.aep.connections, { limit = 100 })
  while not self.accounts[id] do
    local item = self.more_accounts()
    if not item then
      self.accounts[id] = id
    elseif type(item.id) == "string" then
      self.accounts[item.id] = type(item.name) == "string" and item.name or item.id
    end
  end
  return self.accounts[id]
end

--- What kind of system a connection spec stands for: its key in the catalog, else what the organisation calls it.
---@param id string|nil of a connection spec
---@return string|nil name the ID itself where the organisation does not know it
function Names:system(id)
  if type(id) ~= "string" then return nil end
  local title, key = facts.known_title(id)
  if title then return key or title end
  if not self.specs then
    self.specs = {}
    for spec in open_list(self.aep.connection_specs) do
      if type(spec.name) == "string" then self.specs[spec.id or ""] = spec.name end
    end
  end
  return self.specs[id] or id
end

--- Is this one of the platform's own stores: a source, and no account?
---@param id any of a connection spec
---@return boolean
function M.is_store(id)
  return id == catalog.profile_store.connection_spec or id == catalog.data_lake.connection_spec
end

--- The key of a connection spec in the catalog.
---@param id any
---@return string|nil
function M.key(id) return type(id) == "string" and catalog.keys_of(id)[1] or nil end

--- Names of an organisation.
---@param aep sluice.Client|nil nil where only the columns are wanted
---@return sluice.cli.list.Names
function M.new(aep) return setmetatable({ aep = aep, accounts = {} }, Names) end

return M
