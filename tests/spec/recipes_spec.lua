--- The recipes in scripts/: each runs as it stands on the emulator, twice, and is short enough to be read.

local catalog = require "sluice.catalog"
local emulator = require "sluice.emulator"
local outcome = require "spec.support.outcome"
local recipe = require "sluice.recipe"
local sluice = require "sluice"

local function no_env() return nil end

--- The sources of warnings: an older storage card draws one that names its successor.
local function sources(warnings)
  local list = {}
  for i, warning in ipairs(warnings) do list[i] = warning.source end
  return list
end

describe("the recipe", function()
  local server, aep

  setup(function()
    server = emulator.start {}
    aep = sluice.connect { base_url = server.url, ims_url = server.url,
      org = "0123456789ABCDEF01234567@AdobeOrg",
      client_id = "c", client_secret = "s", scopes = "openid", sandbox = "prod" }
  end)
  teardown(function() server.stop() end)

  for _, key in ipairs(require("sluice.catalog.tutorial").keys) do
    local path = ("scripts/activate_%s.lua"):format(key:gsub("-", "_"))

    it("for " .. key .. " sets everything up, and the second time nothing", function()
      local before = server.emulator:counts()
      local made = assert(loadfile(path, "t"))()
      local log, options = {}, { aep = aep, emulated = true, env = no_env }
      options.log = function(line) log[#log + 1] = line end
      local result = recipe.execute(made, options)
      assert.same({ key, 5, 7 }, { result.type, result.created, result.changed })
      assert.same(catalog.systems[key].replaced_by and { "MIG" } or {}, sources(result.warnings))
      assert.equal(1, #log)
      local again = recipe.execute(made, options)
      assert.same({ 0, 0 }, { again.created, again.changed })
      assert.same(result.ids, again.ids)
      local after = server.emulator:counts()
      assert.equal(before.connections + 2, after.connections)
      assert.equal(before.flows + 1, after.flows)
    end)

    it("for " .. key .. " takes its secrets from the environment only", function()
      local made = assert(loadfile(path, "t"))()
      local secrets, args = {}, {}
      for _, param in ipairs(made.params) do
        if param.type == "secret" then
          secrets[#secrets + 1] = param.env
        else
          args[#args + 1] = ("--%s=%s"):format(param.name:gsub("_", "-"),
            tostring(param.example or param.default))
        end
      end
      assert.truthy(#secrets > 0)
      local failure = outcome.failure(recipe.resolve, made, args, { env = no_env })
      assert.equal("config", failure.kind)
      for _, variable in ipairs(secrets) do
        assert.truthy(failure.message:find("set " .. variable, 1, true), failure.message)
      end
    end)

    it("for " .. key .. " is short", function()
      local lines = 0
      for _ in io.lines(path) do lines = lines + 1 end
      assert.truthy(lines < 70, lines)
    end)
  end
end)
