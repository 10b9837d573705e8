--- What the sources say of themselves, and the pages of help made of it.

local docs = require "sluice.repl.docs"
local examples = require "sluice.repl.examples"
local help = require "sluice.repl.help"
local sluice = require "sluice"
local style = require "sluice.terminal.style"

local SOURCE = [==[
--- A module that does things.
---
---     thing.make { a = 1 }

local M = {}

---@class spec.Thing what is made
---@field name string as it was given
---@field private hidden integer
local Thing = {}

--- Makes a thing. Raises kind "usage".
---@param options { name: string, size?: integer } how it is to be; seconds
---  and more
---@param other? fun(a: string): table<string, any>|nil
---@param ... any the rest
---@return spec.Thing thing
---@return string|nil reason
function M.make(options, other, ...) end

--- Works
--- on.
function Thing:work() end

function Thing:rest() end

--- Made by another.
---@param words table
M.kept = maker { 1 }

--- A number.
M.SIZE = 7

local function inner() end
]==]

describe("the sources' comments", function()
  local source = docs.parse(SOURCE, "lua/spec/thing.lua")
  local by_name = {}
  for _, entry in ipairs(source) do by_name[entry.name] = entry end

  it("describe functions with arguments and results", function()
    local make = by_name.make
    assert.are.equal("options, other, ...", make.arguments)
    assert.are.equal('Makes a thing. Raises kind "usage".', make.text)
    assert.are.same({ name = "options", type = "{ name: string, size?: integer }", optional = false,
      text = "how it is to be; seconds and more" }, make.params[1])
    assert.are.same({ name = "other", type = "fun(a: string): table<string, any>", optional = true, text = "" },
      make.params[2])
    assert.are.same({ name = "...", type = "any", optional = false, text = "the rest" }, make.params[3])
    assert.are.same({ { type = "spec.Thing", optional = false, text = "thing" },
      { type = "string|nil", optional = false, text = "reason" } }, make.returns)
    assert.are.equal(select(2, SOURCE:match "^(.*)function M%.make":gsub("\n", "")) + 1, make.line)
  end)

  it("describe classes, their methods, modules and values", function()
    assert.are.equal("A module that does things.\n\n    thing.make { a = 1 }", source.module.text)
    assert.are.same({ { name = "name", type = "string", optional = false, text = "as it was given" } },
      source.classes["spec.thing"].fields)
    assert.are.equal("spec.Thing", source.class_of.Thing)
    assert.is_true(by_name.work.method)
    assert.are.equal("Works\non.", by_name.work.text)
    assert.are.equal("", by_name.rest.text)
    assert.are.equal("function", by_name.kept.kind)
    assert.are.equal("words", by_name.kept.arguments)
    assert.are.equal("value", by_name.SIZE.kind)
    assert.is_nil(by_name.inner)
  end)
end)

describe("help", function()
  local aep = sluice.connect { org = "o@AdobeOrg", client_id = "c", token = "some-token" }
  for name in pairs(getmetatable(sluice).places) do assert(sluice[name], name) end
  local page = help.new { docs = docs.new(), scope = { aep = aep, sluice = sluice, string = string, data = { a = 1 } },
    style = style.new(false), width = 80 }

  it("says something of every part of sluice, and of every method of its objects", function()
    for name, part in pairs(sluice) do
      local text = page:of_value(part, "sluice." .. name)
      assert.is_nil(text:find("says nothing", 1, true), name)
    end
    for _, object in ipairs { "aep", "aep.flows", "aep.audiences", "sluice.patch.new", "sluice.dataflow" } do
      assert.is_truthy((page:of_name(object)), object)
    end
    local patch = sluice.patch.new()
    assert.is_truthy(page:of_value(patch):find("  diff", 1, true) == nil)
    assert.is_truthy(page:of_value(patch):find("  apply(document)\n      The document that the patch makes", 1, true))
  end)

  it("lists the methods that an object has", function()
    assert.is_truthy(page:of_name("aep.flows"):find("  enable(id)\n", 1, true))
    assert.is_nil(page:of_name("aep.runs"):find("  enable(id)\n", 1, true))
  end)

  it("knows functions of the C module, and Lua's own", function()
    assert.is_truthy(page:of_value(sluice.json.decode):find("^sluice.json.decode%(text, source%)\n"))
    assert.is_truthy(page:of_value(sluice.patch.new().apply):find("^sluice.Patch:apply%(document%)\n"))
    assert.are.equal("string.format is Lua's own: https://www.lua.org/manual/5.4/manual.html#pdf-string.format",
      page:of_value(string.format))
  end)

  it("tells what anything else is", function()
    assert.are.equal("data is a table of 1: a", (page:of_name "data"))
    assert.are.equal("It is a number: 5", page:of_value(5))
    assert.is_truthy(page:of_value(function() end):find "its source says nothing of it%.$")
    local nothing, near = page:of_name "sluice.destinatoin"
    assert.is_nil(nothing)
    assert.are.equal("destination", near)
  end)

  it("shows an example for each function that has one", function()
    for _, row in ipairs(examples.list) do
      local name = row[1]:gsub("^sluice.Resource", "aep.flows"):gsub("^sluice.Listing", "aep.audiences")
        :gsub("^sluice.Client", "aep")
      local text = page:of_name(name)
      if not name:find "^sluice%.%l+:" and not name:find "^sluice.Patch" then
        assert.is_truthy(text and text:find("\nExample\n  " .. row[2]:sub(1, 20), 1, true), name)
      end
    end
  end)
end)
