--- Questions to whoever sits at the terminal: parameters that a recipe lacks, and what it wants to have confirmed.

local core = require "sluice.core"
local progress = require "sluice.cli.progress"
local text = require "sluice.cli.text"

local M = {}

--- Does somebody sit there?
---@return boolean
function M.is_possible() return core.terminal.is "stdin" and core.terminal.is "stderr" end

--- Asks for yes or no; all but yes is no.
---@param question string
---@return boolean
function M.yes(question)
  io.stdout:flush()
  local typed = (core.terminal.ask(text.line(question) .. " [y/N]") or ""):lower():match "^%s*(.-)%s*$"
  return typed == "y" or typed == "yes"
end

-- ── parameters ─────────────────────────────────────────────────────────────────────────────────────────────

local function question_of(param, so_far)
  if so_far ~= nil then return ("another %s, or nothing"):format(param.name) end
  local notes = {}
  for _, note in ipairs(require("sluice.recipe.usage").notes(param)) do
    if note ~= "or " .. tostring(param.env) then notes[#notes + 1] = note end
  end
  local known = #notes > 0 and (" (%s)"):format(table.concat(notes, "; ")) or ""
  return text.line(param.name .. (param.help and ", " .. param.help or "") .. known)
end

--- A secret is typed unseen; nil when nothing was typed.
local function ask_secret(param)
  local ok, typed = pcall(core.secret.prompt, question_of(param))
  if ok then return typed end
  if core.error.is(typed, "config") then return nil end
  return error(typed, 0)
end

local function ask_text(param, so_far)
  local typed = core.terminal.ask(question_of(param, so_far))
  typed = typed and typed:match "^%s*(.-)%s*$"
  return typed ~= "" and typed or nil
end

--- What asks for the parameters that a recipe lacks: for `sluice.recipe`.read. It begins by saying what they are for.
---@param recipe sluice.recipe
---@return (fun(param: sluice.recipe.param, problem: string|nil, so_far: any): any)|nil ask nil where nobody sits there
function M.parameters(recipe)
  if not M.is_possible() then return nil end
  local begun = false
  return function(param, problem, so_far)
    if not begun then
      io.stdout:flush()
      progress.log(("%s %s: %s"):format(recipe.name, recipe.version, recipe.summary))
      progress.log "It needs to know some more. Ctrl-C ends it, and nothing is done."
      begun = true
    end
    if problem then progress.log("  " .. problem) end
    if param.type == "secret" then return ask_secret(param) end
    return ask_text(param, so_far)
  end
end

-- ── questions of a recipe ──────────────────────────────────────────────────────────────────────────────────

--- What answers `ctx.confirm`. Raises kind "usage" where nobody sits there.
---@param options table with `yes`
---@param clear fun() takes away what is drawn on the terminal
---@return fun(question: string): boolean
function M.confirmer(options, clear)
  return function(question)
    clear()
    if options.yes then
      progress.log(question .. " yes (--yes)")
      return true
    end
    if not M.is_possible() then
      core.error.raise("usage", ("the recipe asks: %s There is no terminal to answer at"):format(question),
        { hint = "--yes answers every question with yes" })
    end
    return M.yes(question)
  end
end

return M
