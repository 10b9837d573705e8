--- Permissions, read from a recipe's text.

local declared = require "sluice.recipe.declared"
local outcome = require "spec.support.outcome"

local function permissions(text) return declared.permissions(text, "r.lua") end

describe("the permissions of a recipe", function()
  it("are read, and nothing is run", function()
    local text = [[
      error "must not run"
      return require("sluice").recipe { name = "n", permissions = {
        hosts = { "a.example", ["2"] = "b" }, paths = { read = {} }, commands = true } }]]
    assert.same({ hosts = { "a.example", ["2"] = "b" }, paths = { read = {} }, commands = true }, permissions(text))
    assert.same({ operations = { "read" } },
      permissions 'local recipe = x.recipe return recipe { permissions = { operations = { "read" } } }')
  end)

  it("are none where none are declared", function()
    assert.is_nil(permissions "return sluice.recipe { name = 'n' }")
    assert.is_nil(permissions "print { permissions = {} }")
    assert.is_nil(permissions "recipe(definition)")
  end)

  it("have to be written out", function()
    for _, text in ipairs { "{ hosts = hosts }", "{ hosts = { 'a' .. 'b' } }", "all", "{ commands = not false }" } do
      local failure = outcome.failure(permissions, "local x\nreturn sluice.recipe { permissions =\n" .. text .. " }")
      assert.equal("recipe", failure.kind)
      assert.equal(1, failure.message:find("r.lua:3: the permissions have to be written out", 1, true), failure.message)
    end
  end)

  it("want a text that is Lua", function()
    assert.truthy(outcome.failure(permissions, "x =").message:find "^r.lua:1: ")
  end)
end)
