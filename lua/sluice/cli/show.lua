--- `sluice show NAME`: one entity, and the chain it belongs to.

local connection = require "sluice.cli.connection"
local facts = require "sluice.overview.facts"
local output = require "sluice.cli.output"
local page = require "sluice.cli.page"

--- In the order in which candidates are told.
local KINDS = { "flows", "connections", "target_connections", "source_connections", "audiences", "connection_specs",
  "flow_specs", "runs", "sandboxes" }

local by_word, words = {}, {}
for i, kind in ipairs(KINDS) do
  words[i] = facts.KINDS[kind].word:gsub("_", "-")
  by_word[words[i]] = kind
end

local M = {
  name = "show",
  summary = "show a dataflow, account, audience … and what belongs to it",
  usage = "[options] NAME",
  arguments = { { name = "NAME", help = "an ID, or an exact name" } },
  options = connection.with({
    { name = "--kind", value = "KIND", help = "look among entities of this kind only, see below" },
  }, page.options),
  notes = [[
Of a dataflow the whole chain is shown: account, target and source connection,
audiences with their schedules, and the last runs. Of an account its
connections and dataflows, of a connection its account and dataflows, of an
audience the dataflows that export it. Secrets are never shown.

KIND is one of ]] .. table.concat(words, ", ", 1, 5) .. ",\n" .. table.concat(words, ", ", 6) .. ".\n",
  example = "sluice show \"Loyal customers to Campaign\"\nsluice show --kind audience \"Loyal customers\" --json",
}

local function kinds_of(values)
  if not values.kind then return KINDS end
  local kind = by_word[values.kind]
  if kind then return { kind } end
  require("sluice.cli.command").usage_error(M, ("no kind %s: %s"):format(
    require("sluice.suggest").quote(values.kind), require("sluice.suggest").expected(values.kind, words)))
end

---@param words_given string[]
---@return integer exit_code
function M.run(words_given)
  local values = require("sluice.cli.command").read(M, words_given)
  if not values then return 0 end
  local kinds = kinds_of(values)
  return connection.during(values, function(aep)
    local document
    do
      local _ <close> = output.progress(values, "reading …")
      document = require("sluice.overview.chain").of(aep, require("sluice.cli.name").resolve(aep, kinds, values.NAME))
    end
    output.value(values, document, function() return require("sluice.cli.chain").text(document) end)
  end)
end

return M
