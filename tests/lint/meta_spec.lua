--- The description of the C module says what the module has: no more, no less.

local core = require "sluice.core"
local files = require "support.files"

local PATH = "lua/meta/sluice/core.lua"

local function described()
  local names = {}
  for name in files.read(PATH):gmatch "\nfunction ([%w_.:]+)%(" do names[#names + 1] = name end
  for name in files.read(PATH):gmatch "\n(core%.[%w_.]+) = nil" do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function add_methods(names, class, object)
  local metatable = debug.getmetatable(object)
  local methods = type(metatable.__index) == "table" and metatable.__index or metatable.methods
  for name in pairs(methods) do names[#names + 1] = class .. ":" .. name end
end

local function add_exchange(names, listener)
  local asked = core.task.spawn(function()
    core.http.request { url = ("http://127.0.0.1:%d/"):format(listener.port) }
  end)
  local exchange = listener:accept()
  add_methods(names, "Exchange", exchange)
  exchange:respond(200)
  asked:wait()
end

local function live()
  local names = { "core.version" }
  for library, content in pairs(core) do
    for name in pairs(type(content) == "table" and content or {}) do
      names[#names + 1] = ("core.%s.%s"):format(library, name)
    end
  end
  local listener = core.listener.new {}
  add_exchange(names, listener)
  add_methods(names, "Listener", listener)
  listener:close()
  add_methods(names, "Task", core.task.spawn(print))
  add_methods(names, "Patch", core.patch.new())
  for name in pairs(debug.getregistry()["sluice.store"].__index) do names[#names + 1] = "Store:" .. name end
  add_methods(names, "Client", core.client.new { base_url = "http://127.0.0.1:1", ims_url = "http://127.0.0.1:1",
    org = "o", sandbox = "s" })
  for name in pairs(debug.getregistry()["sluice.editor"].__index) do names[#names + 1] = "Editor:" .. name end
  table.sort(names)
  return names
end

describe("lua/meta", function()
  it("describes every function of the C module, and none that is not there", function()
    assert.same(live(), described())
  end)

  it("says something about each", function()
    local text = files.read(PATH)
    for name in text:gmatch "\nfunction ([%w_.:]+)%(" do
      local head = text:match("\n([^\n]*)\nfunction " .. name:gsub("[.:]", "%%%0") .. "%(")
      assert.is_truthy(head:find "^%-%-%-" or name:find ":close$", name .. " has no description")
    end
  end)
end)
