--- `sluice delete NAME…`: deletes dataflows, connections and accounts, in the order in which they can go.

local confirm = require "sluice.cli.confirm"
local connection = require "sluice.cli.connection"
local output = require "sluice.cli.output"
local page = require "sluice.cli.page"

local M = {
  name = "delete",
  summary = "delete dataflows, connections and accounts, in the safe order",
  usage = "[options] NAME…",
  arguments = { { name = "NAME", many = true,
    help = "ID or exact name of a dataflow, a target or source connection, or an account" } },
  options = connection.with({
    { name = "--with-connections", help = "delete the connections and accounts, too, that nothing else uses" },
    { name = "--dry-run", help = "send nothing but reads; print what would be sent" },
  }, confirm.options, page.options),
  notes = [[
A dataflow goes first, then its target and source connection, then the account:
all but the dataflow only with --with-connections. What others use stays, and is
shown with who they are; to name it yourself is an error, and nothing is deleted
then. With --with-connections a connection takes its account along, and an
account the connections that no dataflow uses.

What is to be deleted is shown before you are asked, and looked up again when
you have answered: if it has changed meanwhile, nothing is deleted. An ID that
nothing has is no error: it is gone already. When a deletion stops half-way, the
message says what stands and which command goes on.
]],
  example = "sluice delete \"Loyal customers to Campaign\" --with-connections\n"
    .. "sluice delete 5f1d6b0a-7c1e-4d2b-9f8a-3e5d7c9b1a20 --yes",
}

-- ── what is meant ──────────────────────────────────────────────────────────────────────────────────────────

--- What a word means; nil for an ID that nothing has, or has any more.
local function resolve(aep, word)
  local name, removal = require "sluice.cli.name", require "sluice.overview.removal"
  local core = require "sluice.core"
  local ok, kind, item = pcall(name.resolve, aep, removal.KINDS, word, true)
  if ok then return { kind = kind, item = item } end
  local failure = kind
  if core.error.is(failure) and failure.code == "not_found" and require("sluice.dataflow.find").is_id(word) then
    return nil
  end
  error(failure, 0)
end

--- What all words mean, and the IDs among them that nothing has.
local function choose(aep, words)
  local chosen, gone = {}, require("sluice.core").json.array {}
  local found = require("sluice.tasks").map(words, function(word) return resolve(aep, word) or false end)
  for i, entry in ipairs(found) do
    if entry then chosen[#chosen + 1] = entry else gone[#gone + 1] = words[i] end
  end
  return chosen, gone
end

-- ── what is said ───────────────────────────────────────────────────────────────────────────────────────────

local NOUN = 19 -- columns of a kind's name, with the blanks behind it

--- A step, and what is to be said of it on a line of its own.
local function add_step(shown, step, remark)
  local noun = require("sluice.overview.facts").KINDS[step.kind].noun
  shown:field(noun, page.named(step), NOUN)
  shown:field("", remark, NOUN)
end

--- The plan on standard error: what goes, in this order, and what stays.
local function show_plan(plan)
  local shown, facts = page.new "stderr", require "sluice.overview.facts"
  shown:heading "To be deleted, in this order"
  for _, step in ipairs(plan.steps) do
    add_step(shown, step, step.kind == "flows" and step.state == "enabled" and "enabled: it exports until it is deleted"
      or step.kind == "connections" and facts.known_title(step.spec) or nil)
  end
  for i, step in ipairs(plan.kept) do
    if i == 1 then shown:heading "Stays" end
    add_step(shown, step, "used by " .. require("sluice.overview.removal").users(step))
  end
  io.stderr:write(shown:text())
end

local function question(plan)
  local steps, live = plan.steps, 0
  for _, step in ipairs(steps) do
    if step.kind == "flows" and step.state == "enabled" then live = live + 1 end
  end
  local what = #steps == 1 and "delete " .. require("sluice.overview.removal").label(steps[1])
    or ("delete these %d"):format(#steps)
  local enabled = live == 0 and "" or #steps == 1 and ", which is enabled"
    or (", among them %s"):format(live == 1 and "an enabled dataflow" or live .. " enabled dataflows")
  return what .. enabled .. "?"
end

-- ── deleting ───────────────────────────────────────────────────────────────────────────────────────────────

local function told(step, done)
  local facts = require "sluice.overview.facts"
  return { kind = facts.KINDS[step.kind].word, id = step.id, name = step.name, result = done }
end

local DONE = { deleted = "deleted", gone = "was gone already:", planned = "would delete" }

--- What stands after a failure, and the command that goes on.
local function show_rest(values, failure)
  local shown, facts, ids = page.new "stderr", require "sluice.overview.facts", {}
  local function add(words, step)
    shown:field(words, facts.KINDS[step.kind].noun .. " " .. page.named(step), 13)
  end
  shown:add ""
  shown:add(shown.style:paint("heading", #failure.deleted > 0 and "Stopped half-way" or "Stopped at once"))
  for _, step in ipairs(failure.deleted) do add("deleted", step) end
  for i, step in ipairs(failure.left) do
    add(step == failure.unknown and "not known" or "still there", step)
    ids[i] = step.id
  end
  shown:heading("To go on", connection.command_line(values, "delete", ids))
  io.stdout:flush()
  io.stderr:write(shown:text(), "\n")
end

--- Deletes what is planned; each is told when it is done.
---@return table[] list of what was done, and of what was not
---@return table|nil failure
local function carry_out(aep, values, plan)
  local facts, list = require "sluice.overview.facts", require("sluice.core").json.array {}
  local function on_step(step, done)
    if values.dry_run then done = "planned" end
    list[#list + 1] = told(step, done)
    if values.json then return end
    io.stdout:write(("%s %s %s\n"):format(DONE[done], facts.KINDS[step.kind].noun, page.named(step)))
    io.stdout:flush()
  end
  local ok, failure = pcall(require("sluice.overview.deleting").carry_out, aep, plan.steps, on_step)
  if ok then return list end
  if not (require("sluice.core").error.is(failure) and failure.left) then error(failure, 0) end
  for _, step in ipairs(failure.left) do
    list[#list + 1] = told(step, step == failure.unknown and "unknown" or "left")
  end
  show_rest(values, failure)
  return list, failure
end

local function kept_document(plan)
  local facts, list = require "sluice.overview.facts", require("sluice.core").json.array {}
  for i, step in ipairs(plan.kept) do
    list[i] = told(step, "kept")
    list[i].used_by = require("sluice.core").json.array {}
    for j, user in ipairs(step.users) do
      list[i].used_by[j] = { kind = facts.KINDS[user.kind].word, id = user.id, name = user.name }
    end
  end
  return list
end

local function say_gone(values, gone)
  for _, id in ipairs(gone) do
    output.note(values, ("nothing has the ID %s (any more): there is nothing to delete"):format(id))
  end
  if #gone > 0 and values.with_connections then
    output.note(values, "what such a dataflow left behind is marked by 'sluice tree'")
  end
end

--- What the words mean, what goes therefore, and the IDs among them that nothing has.
local function look(aep, values)
  local _ <close> = output.progress(values, "looking what belongs together …")
  local chosen, gone = choose(aep, values.NAME)
  return require("sluice.overview.removal").plan(aep, chosen, values.with_connections == true), gone
end

--- Asks, and looks again: what was shown has to be what goes, however long the answer took.
local function confirmed(aep, values, plan)
  if not confirm.write(aep, values, question(plan)) then return false end
  if values.yes then return true end
  local now = look(aep, values)
  for i = 1, math.max(#plan.steps, #now.steps) do
    if not (plan.steps[i] and now.steps[i]) or plan.steps[i].id ~= now.steps[i].id then
      require("sluice.core").error.raise("service", "something changed while you were asked; nothing was deleted",
        { code = "changed", hint = "try again, to see what would be deleted now" })
    end
  end
  return true
end

local function perform(aep, values)
  local plan, gone = look(aep, values)
  say_gone(values, gone)
  local results, failure = require("sluice.core").json.array {}, nil
  if #plan.steps > 0 then
    if not (values.quiet and values.yes) then show_plan(plan) end
    if not values.dry_run and not confirmed(aep, values, plan) then return 1 end
    results, failure = carry_out(aep, values, plan)
  end
  if values.json then
    output.value(values, { results = results, kept = kept_document(plan), not_found = gone }, "")
  end
  if failure then error(failure, 0) end
  return 0
end

---@param words string[]
---@return integer exit_code
function M.run(words)
  local values = require("sluice.cli.command").read(M, words)
  if not values then return 0 end
  return connection.during(values, function(aep) return perform(aep, values) end)
end

return M
