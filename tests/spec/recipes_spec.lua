--- The recipes in scripts/ that set a destination up: each runs as it stands on the emulator, twice, and is short
--- enough to be read.

local catalog = require "sluice.catalog"
local emulator = require "sluice.emulator"
local outcome = require "spec.support.outcome"
local recipe = require "sluice.recipe"
local sluice = require "sluice"

local function no_env() return nil end

-- What a first run creates and changes, and how many base connections are among it.
local FIRST = {
  legacy = { 5, 7, 2 }, v2 = { 7, 4, 1 }, streaming = { 5, 4, 2 }, datasets = { 4, 0, 1 },
}

local RECIPES = {
  { file = "export_datasets_to_amazon_s3", type = "amazon-s3-v2", shape = "datasets" },
  { file = "export_datasets_to_data_landing_zone", type = "data-landing-zone", shape = "datasets" },
}
for _, key in ipairs(catalog.keys) do
  RECIPES[#RECIPES + 1] = { file = "activate_" .. key:gsub("-", "_"), type = key,
    shape = catalog.systems[key].shape }
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

  for _, wanted in ipairs(RECIPES) do
    local path = ("scripts/%s.lua"):format(wanted.file)

    it(wanted.file .. " sets everything up, and the second time nothing", function()
      local before, first = server.emulator:counts(), FIRST[wanted.shape]
      local made = assert(loadfile(path, "t"))()
      assert.equal(wanted.file, made.name)
      local log, options = {}, { aep = aep, emulated = true, env = no_env }
      options.log = function(line) log[#log + 1] = line end
      local result = recipe.execute(made, options)
      assert.same({ wanted.type, wanted.shape, first[1], first[2] },
        { result.type, result.shape, result.created, result.changed })
      assert.equal(catalog.systems[wanted.type].replaced_by and 1 or 0, #result.warnings,
        outcome.lines(result.warnings))
      assert.equal(1, #log)
      local again = recipe.execute(made, options)
      assert.same({ 0, 0 }, { again.created, again.changed })
      assert.equal(result.ids.flow, again.ids.flow)
      local after = server.emulator:counts()
      assert.equal(before.connections + first[3], after.connections)
      assert.equal(before.flows + 1, after.flows)
    end)

    it(wanted.file .. " takes its secrets from the environment only", function()
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
      if wanted.type == "data-landing-zone" then return assert.same({}, secrets) end
      assert.truthy(#secrets > 0)
      local failure = outcome.failure(recipe.resolve, made, args, { env = no_env })
      assert.equal("config", failure.kind)
      for _, variable in ipairs(secrets) do
        assert.truthy(failure.message:find("set " .. variable, 1, true), failure.message)
      end
    end)

    it(wanted.file .. " is short", function()
      local lines = 0
      for _ in io.lines(path) do lines = lines + 1 end
      assert.truthy(lines < 70, lines)
    end)
  end
end)
