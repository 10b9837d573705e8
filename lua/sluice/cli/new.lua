--- `sluice new NAME`: the first draft of a recipe, with a test beside it.

local M = {
  name = "new",
  summary = "write the draft of a recipe, with a test beside it",
  usage = "[--type DESTINATION | --from RECIPE] NAME",
  arguments = { { name = "NAME", help = "of the recipe; NAME.lua and NAME_test.lua are written", optional = true } },
  options = {
    { name = "--type", value = "DESTINATION", help = "of the catalog (default: amazon-s3-v2; see 'sluice catalog')" },
    { name = "--from", value = "RECIPE", help = "begin with a recipe of the library (see 'sluice recipes')" },
  },
  notes = [[
NAME is of lower-case letters, digits, - and _, and begins with a letter; a
folder may stand before it. What is there already stays as it is.
]],
  example = "sluice new --type adobe-campaign activate_loyal",
}

local USUAL = "amazon-s3-v2"
local LONGEST = 100 -- bytes of a name

-- ── names ──────────────────────────────────────────────────────────────────────────────────────────────────

local function usage_error(message, ...) require("sluice.cli.command").usage_error(M, message:format(...)) end

--- Without what tells the test of a recipe from the recipe.
local function without_test(name)
  while name:find "_test$" do name = name:gsub("_test$", "") end
  return name
end

--- A name that would do in the place of one that does not.
local function like(folder, name)
  local made = without_test(name:lower():gsub("[^%w]+", "_"):gsub("^[%d_]+", ""):gsub("_+$", ""))
  return made ~= "" and ("; did you mean '%s%s'?"):format(folder, made) or ""
end

--- What is wrong with a name; nil for a good one.
local function problem_of(folder, name)
  if #name > LONGEST then
    return ("is too long a name for a recipe: %d bytes, expected at most %d"):format(#name, LONGEST)
  elseif not name:find "^%l[%l%d_-]*$" then
    return "is no name for a recipe: expected lower-case letters, digits, - and _, a letter first" .. like(folder, name)
  elseif name:find "_test$" then
    return ("is the name of a test; its recipe is '%s%s'"):format(folder, without_test(name))
  end
end

--- The folder and the name that a word means.
---@return string folder "" or with its slash
---@return string name
local function parts_of(word)
  local folder, name = word:match "^(.*/)([^/]*)$"
  folder, name = folder or "", name or word
  local plain = name:gsub("%.lua$", "")
  local problem = name == "" and "ends with its folder: expected the recipe's name behind it"
    or problem_of(folder, plain)
  if problem then usage_error("NAME %s %s", require("sluice.suggest").quote(word), problem) end
  return folder, plain
end

-- ── texts ──────────────────────────────────────────────────────────────────────────────────────────────────

local HEAD = [[
-- Tests of %s; they run by: sluice test %s
local sluice = require "sluice"

local RECIPE = "%s"

describe("%s", function()
]]

local RUNS = [[
  it("runs with its examples", function()
    sluice.test.run(RECIPE)
    assert.equal(1, sluice.test.emulator:counts().flows)
  end)
]]

local TWICE = [[
  it("sets everything up, and finds all of it the second time", function()
    local first = sluice.test.run(RECIPE)
    assert.is_true(first.created > 0)
    assert.equal(1, sluice.test.emulator:counts().flows)
    assert.equal(0, sluice.test.run(RECIPE).created)
  end)
]]

local NAMED = [[

  it("calls the dataflow as it is told", function()
    sluice.test.run(RECIPE, { name = "Another name" })
    assert.equal("Another name", sluice.test.emulator:items("flows")[1].name)
  end)

  it("knows its parameters", function()
    assert.error_matches(function() sluice.test.run(RECIPE, { nmae = "x" }) end, "did you mean \"name\"")
  end)
]]

local DAILY = [[

  it("exports every day", function()
    sluice.test.run(RECIPE)
    assert.equal(3, #sluice.test.emulator:advance "3d")
  end)
]]

--- The draft for a destination, and its test.
local function of_type(key, name)
  local catalog = require "sluice.catalog"
  local keys = catalog.keys_of(key)
  if #keys ~= 1 then
    usage_error("--type: unknown destination %s; %s", require("sluice.suggest").quote(key),
      require("sluice.suggest").expected(key, catalog.keys))
  end
  local exports = catalog.systems[keys[1]].shape ~= "streaming"
  return require("sluice.catalog.draft").text(keys[1], name), TWICE .. NAMED .. (exports and DAILY or "")
end

--- A recipe of the library under another name, and its test.
local function of_library(word, name)
  local library = require "sluice.recipe.library"
  local text, old = library.text(word)
  if not text then
    local nearest = library.nearest(word)
    usage_error("--from: no recipe %s in the library; %s", require("sluice.suggest").quote(word),
      nearest and ("did you mean '%s'?"):format(nearest) or "'sluice recipes' lists them")
  end
  local quoted = ("%q"):format(name):gsub("%%", "%%%%")
  text = text:gsub('(\n%s*name%s*=%s*)"' .. old .. '"', "%1" .. quoted, 1)
  return text, text:find("ctx.apply(sluice.destination", 1, true) and TWICE or RUNS
end

local NEXT = [[
next:
  sluice check %s %s
  sluice test %s
  sluice run %s --emulate
]]

function M.run(words)
  local values = require("sluice.cli.command").read(M, words)
  if not values then return 0 end
  if (values.NAME or "") == "" then usage_error "NAME is missing: how is the recipe to be called?" end
  if values.type and values.from then usage_error "--type and --from exclude each other" end
  local folder, name = parts_of(values.NAME)
  local recipe, test = folder .. name .. ".lua", folder .. name .. "_test.lua"
  local draft = require "sluice.cli.draft"
  draft.refuse(recipe)
  draft.refuse(test)
  local text, tests
  if values.from then
    text, tests = of_library(values.from, name)
  else
    text, tests = of_type(values.type or USUAL, name)
  end
  draft.write { { path = recipe, text = text },
    { path = test, text = HEAD:format(name .. ".lua", test, name .. ".lua", name) .. tests .. "end)\n" } }
  io.write(recipe, "\n", test, "\n")
  io.stdout:flush()
  local shell = require("sluice.cli.text").shell
  io.stderr:write(NEXT:format(shell(recipe), shell(test), shell(test), shell(recipe)))
  return 0
end

return M
