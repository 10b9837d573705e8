--- What begins with a colon: commands of the session, beside Lua.

local clean = require "sluice.terminal.clean"
local core = require "sluice.core"
local suggest = require "sluice.suggest"

local M = {}

local function usage(command, message, ...)
  core.error.raise("usage", (":%s: %s"):format(command.name, message:format(...)),
    { hint = ":" .. command.name .. (command.takes and " " .. command.takes or "") })
end

-- ── showing ────────────────────────────────────────────────────────────────────────────────────────────────

local function show_help(session, rest)
  if rest == "" then return session:show(M.overview(session)) end
  local command = M.find(rest:match "^:?(%a+)$" or "")
  if rest:find "^:" and command then return session:show(M.line(command) .. "\n      " .. command.about) end
  local page, near = session:help():of_name(rest)
  if page then return session:show(page) end
  core.error.raise("usage", ("nothing is known of %s"):format(suggest.quote(rest)),
    { hint = near and ("did you mean '%s'?"):format(near) or ":help lists what there is" })
end

local function show_json(session, rest)
  local value
  if rest == "" then
    value = session.scope._
  else
    value = session:evaluate("return " .. rest)
  end
  session:show(core.secret.mask(core.json.encode(value, { indent = 2 })))
end

local function show_trace(session)
  local failure = session.failure
  if not failure then return session:note "nothing has failed so far" end
  local value, fields = failure.value, {}
  if type(value) == "table" then
    for name, field in next, value do fields[name] = field end
  else
    fields.message = tostring(value)
  end
  fields.traceback = nil
  local trace = failure.traceback:gsub("\n[^\n]*%[C%]: in function 'sluice.host.call'.*", "")
  session:show(session:print(fields) .. "\n" .. core.secret.mask(clean.text(trace)))
end

local function time(session, rest)
  if rest == "" or rest == "on" or rest == "off" then
    session.timing = rest == "on" or rest == "" and not session.timing
    return session:note(session.timing and "each result is followed by its time" or "times are not shown any more")
  end
  local before = session.timing
  session.timing = true
  session:run(rest)
  session.timing = before
end

-- ── where ──────────────────────────────────────────────────────────────────────────────────────────────────

local function settings_of(command, rest)
  local settings = {}
  for word in rest:gmatch "%S+" do
    local name, value = word:match "^%-?%-?([%w-]+)=(.+)$"
    if not name then usage(command, "%s is no setting; expected NAME=VALUE", suggest.quote(word)) end
    settings[name:gsub("-", "_")] = value
  end
  return settings
end

local EMULATION = { clock = true, exports = true, latency = true }

local function emulate(session, rest, command)
  local changes = settings_of(command, rest)
  for name in pairs(changes) do
    if not EMULATION[name] then
      usage(command, "no setting %s; there are clock, exports, latency", suggest.quote(name))
    end
  end
  changes.emulate, changes.base_url, changes.ims_url = true, false, false
  for name in pairs(EMULATION) do changes[name] = changes[name] or false end
  session:move(changes)
end

local function list_sandboxes(session)
  local place = session.place
  for _, sandbox in ipairs(place.aep.sandboxes:list()) do session.sandboxes[sandbox.name] = true end
  local names = {}
  for name in pairs(session.sandboxes) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do names[i] = (name == place.sandbox and "* " or "  ") .. clean.line(name) end
  session:show(table.concat(names, "\n"))
end

local function move_to_sandbox(session, rest, command)
  if rest == "" then return list_sandboxes(session) end
  if not rest:find "^%w[%w-]*$" then usage(command, "%s is no name of a sandbox", suggest.quote(rest)) end
  session:enter(rest)
end

local function move_to_profile(session, rest)
  local changes = { profile = rest ~= "" and rest or false, config = false, emulate = false,
    yes_production = false }
  for name in pairs(EMULATION) do changes[name] = false end
  session:move(changes)
end

-- ── the text ───────────────────────────────────────────────────────────────────────────────────────────────

local function quoted(word) return "'" .. word:gsub("'", "'\\''") .. "'" end

--- Lets the user's editor work on a text.
---@param text string
---@return string
function M.edited(text)
  local editor = os.getenv "VISUAL" or ""
  if editor == "" then editor = os.getenv "EDITOR" or "" end
  if editor == "" then editor = "vi" end
  local name = os.tmpname()
  local path = name .. ".lua"
  local function remove()
    os.remove(path)
    os.remove(name)
  end
  local _ <close> = setmetatable({}, { __close = remove })
  local file <close> = core.files.create(path)
  file:write(text, "\n")
  file:close()
  if not os.execute(editor .. " " .. quoted(path)) then
    core.error.raise("io", ("the editor %s failed; the text is as it was"):format(suggest.quote(editor)))
  end
  local changed <close> = assert(io.open(path, "rb"))
  return (changed:read "a":gsub("%s+$", ""))
end

local function edit(session, rest, command)
  if not session.interactive then usage(command, "there is no terminal to edit at") end
  session.initial = M.edited(rest ~= "" and rest or session.last or "")
end

local function save(session, rest, command)
  if rest == "" then usage(command, "expected a file") end
  local emulated = session.place.emulated
  local text, left_out = require("sluice.repl.script").text(session.done, { emulated = emulated,
    connect = session.connected_as })
  local there <close> = io.open(rest, "rb")
  if there then usage(command, "%s is there already; name another file", suggest.quote(rest)) end
  local file <close> = core.files.create(rest)
  if not file:write(text) or not file:close() then
    core.error.raise("io", ("%s could not be written"):format(suggest.quote(rest)))
  end
  local count = #session.done
  session:note(("%d %s saved%s; run it with: sluice run %s%s"):format(count, count == 1 and "entry" or "entries",
    left_out > 0 and (", %d left out for their secrets"):format(left_out) or "",
    emulated and "--emulate " or "", clean.line(rest)))
end

local function keys(session, rest, command)
  if rest ~= "emacs" and rest ~= "vi" then usage(command, "expected emacs or vi") end
  if session.editor then session.editor:keys(rest) end
end

---@class sluice.repl.Command
---@field name string
---@field takes string|nil
---@field about string
---@field completes "name"|"sandbox"|"file"|nil
---@field run fun(session: table, rest: string, command: table): string|nil "quit" ends the session

---@type sluice.repl.Command[]
M.list = {
  { name = "help", takes = "[NAME]", completes = "name", run = show_help,
    about = "explain something: :help aep.flows:list, or a command: :help :save" },
  { name = "json", takes = "[EXPRESSION]", completes = "name", run = show_json,
    about = "the last result, or a value, as JSON and in full" },
  { name = "trace", run = show_trace, about = "all that is known of the last error" },
  { name = "time", takes = "[on|off|EXPRESSION]", completes = "name", run = time,
    about = "time and calls of each result, or of one" },
  { name = "emulate", takes = "[clock=TIME] [exports=DIR] [latency=SECONDS]", run = emulate,
    about = "go on with a fresh emulator" },
  { name = "sandbox", takes = "[NAME]", completes = "sandbox", run = move_to_sandbox,
    about = "go on in another sandbox; without a name, list them" },
  { name = "profile", takes = "[NAME]", run = move_to_profile,
    about = "go on with another profile; without a name, with the credentials found first" },
  { name = "save", takes = "FILE", completes = "file", run = save,
    about = "write the session as a script: what went well, secrets as references" },
  { name = "edit", takes = "[TEXT]", run = edit,
    about = "edit the last input in $EDITOR; Ctrl-X Ctrl-E edits the current one" },
  { name = "keys", takes = "emacs|vi", run = keys, about = "the keys of the line editor" },
  { name = "quit", run = function() return "quit" end, about = "end the session (Ctrl-D)" },
}

--- A command by its name, or by a beginning that no other shares.
---@param word string
---@return sluice.repl.Command|nil
function M.find(word)
  local found
  for _, command in ipairs(M.list) do
    if command.name == word then return command end
    if word ~= "" and command.name:sub(1, #word) == word then
      if found then return nil end
      found = command
    end
  end
  return found
end

--- How a command is written.
---@param command sluice.repl.Command
---@return string
function M.line(command) return "  :" .. command.name .. (command.takes and " " .. command.takes or "") end

local HEAD = [[
Anything in Lua: expressions are printed, _ is the last result, _1, _2, … are
all of them; a local at the prompt stays. In scope:

  aep      the platform: aep.flows, aep.audiences, aep.connections, …
  sluice   destinations, recipes, schedules, JSON Patch: help(sluice)
  help     help(aep.flows), help(sluice.destination), help "update"

Tab completes, the arrow keys and Ctrl-R find what was typed before; what
begins with a blank is not kept. Enter runs what is complete, Alt-Enter begins
a new line. Ctrl-C ends what runs, Ctrl-D the session.

Commands:]]

--- What help says without a name.
---@param session table
---@return string
function M.overview(session)
  local lines = { HEAD }
  for _, command in ipairs(M.list) do
    lines[#lines + 1] = session.style:paint("name", M.line(command))
    lines[#lines + 1] = "      " .. command.about
  end
  return table.concat(lines, "\n")
end

--- Runs a line that begins with a colon.
---@param session table
---@param text string
---@return string|nil "quit" ends the session
function M.run(session, text)
  local word, rest = text:match "^:(%a+)%s*(.-)%s*$"
  local command = M.find(word)
  if command then return command.run(session, rest, command) end
  local list = {}
  for i, known in ipairs(M.list) do list[i] = known.name end
  local near = suggest.nearest(word, list)
  core.error.raise("usage", ("there is no command :%s"):format(word),
    { hint = near and ("did you mean :%s?"):format(near) or ":help lists them" })
end

return M
