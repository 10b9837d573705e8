--- `sluice recipes`: the recipes inside the program.

local M = {
  name = "recipes",
  summary = "list the recipes inside the program, show one, write one out",
  usage = "[options] [show NAME | eject NAME [DIR]]",
  arguments = {
    { name = "WHAT", help = "show: explain a recipe; eject: write its file into DIR (this folder)", optional = true },
    { name = "NAME", help = "of the recipe", optional = true },
    { name = "DIR", help = "the folder for the file", optional = true },
  },
  options = {
    { name = "--lua", help = "with show: print the recipe's own text" },
    { name = "--overwrite", help = "with eject: replace a file that is there" },
    table.unpack(require("sluice.cli.output").options),
  },
  notes = [[
'sluice run NAME' runs one, 'sluice preview NAME' shows what it will export.
Hyphens in a name do as well. An ejected recipe is a file of your own.
]],
  example = "sluice recipes show activate_amazon_s3\nsluice recipes eject activate-amazon-s3 .",
}

local function command() return require "sluice.cli.command" end

local function usage_error(message, ...) command().usage_error(M, message:format(...)) end

local function library() return require "sluice.recipe.library" end

--- The recipe of a name, and where its text is.
local function find(name)
  if not name then usage_error "NAME is missing; expected the name of a recipe" end
  local source = library().open(name)
  if source then return source:chunk()(), source end
  local nearest = library().nearest(name)
  return usage_error("no recipe %s%s", require("sluice.suggest").quote(name),
    nearest and ("; did you mean %s?"):format(nearest) or "; 'sluice recipes' lists them")
end

-- ── what can be done ───────────────────────────────────────────────────────────────────────────────────────

local function of(field) return function(item) return item[field] end end

local COLUMNS = {
  { name = "name", get = of "name" }, { name = "version", get = of "version", goes = 1 },
  { name = "summary", get = of "summary", cut = true },
}

local function list(values)
  local names, at = library().names(), 0
  require("sluice.cli.output").rows(values, COLUMNS, function()
    at = at + 1
    return names[at] and library().load(names[at])
  end)
  return 0
end

--- A recipe's declaration, for programs.
local function document_of(recipe)
  local params = require("sluice.core").json.array {}
  for i, param in ipairs(recipe.params) do
    local entry = {}
    for key, value in pairs(param) do
      if type(value) ~= "function" then entry[key] = value end
    end
    entry.type = entry.type or "string"
    entry.option = require("sluice.recipe.arguments").option(param)
    params[i] = entry
  end
  return { name = recipe.name, version = recipe.version, summary = recipe.summary, description = recipe.description,
    permissions = recipe.permissions, params = params }
end

local function show(values)
  local recipe, source = find(values.NAME)
  local name = source.path
  if values.lua then
    io.write(source:read(source.entry))
    return 0
  end
  require("sluice.cli.output").value(values, document_of(recipe), function()
    return ("%s\nExample:\n  sluice run %s --emulate\n"):format(require("sluice.recipe").usage(recipe), name)
  end)
  return 0
end

local function eject(values)
  local _, source = find(values.NAME)
  if values.DIR == "" then usage_error "DIR is empty; expected the folder for the file" end
  local draft, text = require "sluice.cli.draft", require "sluice.cli.text"
  local path = ((values.DIR or "."):gsub("/+$", "") .. "/" .. source.entry):gsub("^%./", "")
  local replaced = values.overwrite and draft.look(path) == "file"
  if replaced then
    require("sluice.core").archive.save(path, source:read(source.entry))
  else
    draft.refuse(path, "--overwrite replaces it")
    draft.write { { path = path, text = source:read(source.entry) } }
  end
  require("sluice.cli.progress").log(("%s %s; 'sluice run %s' runs it"):format(replaced and "replaced" or "wrote",
    path, text.shell(path:find "/" and path or "./" .. path)))
  return 0
end

local DEEDS = { show = show, eject = eject, list = list }

--- Options that would have no part in it.
local function check(values)
  local what = values.WHAT
  if values.lua and what ~= "show" then usage_error "--lua is for show" end
  if values.overwrite and what ~= "eject" then usage_error "--overwrite is for eject" end
  if values.DIR and what ~= "eject" then
    usage_error("unexpected word %s", require("sluice.suggest").quote(values.DIR))
  end
end

---@param words string[]
---@return integer exit_code
function M.run(words)
  local values = command().read(M, words)
  if not values then return 0 end
  local deed = DEEDS[values.WHAT or "list"]
  if not deed then
    usage_error("no such word %s: %s", require("sluice.suggest").quote(values.WHAT),
      require("sluice.suggest").expected(values.WHAT, { "show", "eject" }))
  end
  check(values)
  return deed(values)
end

return M
