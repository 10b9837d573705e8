--- The manual page sluice(1), made of the same tables as the help pages. Text goes out as roff that groff and mandoc
--- read alike; the same program makes the same page, to the byte.

local cli = require "sluice.cli"
local core = require "sluice.core"

local M = {}

-- ── roff ───────────────────────────────────────────────────────────────────────────────────────────────────

--- A text that roff takes as it is.
local function escape(text)
  text = text:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("'", "\\(aq"):gsub("`", "\\(ga"):gsub("%^", "\\(ha"):gsub("~",
    "\\(ti")
  return (text:gsub("[\xC2-\xF4][\x80-\xBF]+", function(bytes)
    return ("\\[u%04X]"):format(utf8.codepoint(bytes))
  end))
end

--- A line that begins with no request.
local function guarded(line) return line:find "^[.']" and "\\&" .. line or line end

local Page = {}
Page.__index = Page

function Page:add(format, ...) self[#self + 1] = select("#", ...) > 0 and format:format(...) or format end

function Page:section(title) self:add(".SH %s", escape(title)) end

--- Begins a paragraph; a heading does that by itself.
function Page:paragraph()
  if not self[#self]:find "^%.S[HS]" then self:add ".PP" end
end

--- A paragraph; blank lines begin another.
function Page:text(text)
  for paragraph in (text .. "\n\n"):gmatch "(.-)\n%s*\n+" do
    if paragraph:find "%S" then
      self:paragraph()
      for line in paragraph:gmatch "[^\n]+" do self:add("%s", guarded(escape(line:match "^%s*(.-)%s*$"))) end
    end
  end
end

local ROOM = 71 -- columns beside the indentation of a page that is as wide as a terminal

--- Lines that stay as they are; wide ones begin at the margin.
function Page:lines(text)
  local lines, wide = {}, false
  for line in (text:gsub("\n+$", "") .. "\n"):gmatch "(.-)\n" do
    lines[#lines + 1] = line == "" and "\\&" or guarded(escape(line))
    wide = wide or (utf8.len(line) or #line) > ROOM
  end
  self:paragraph()
  if wide then self:add ".in 0" end
  self:add ".nf"
  for _, line in ipairs(lines) do self:add("%s", line) end
  self:add ".fi"
  if wide then self:add ".in" end
end

--- A term and what it means.
function Page:term(term, text)
  self:add ".TP"
  self:add("%s", term)
  self:add("%s", guarded(escape(text:gsub("%s*\n%s*", " "))))
end

local function bold(text) return "\\fB" .. escape(text) .. "\\fR" end
local function slanted(text) return "\\fI" .. escape(text) .. "\\fR" end

-- ── commands ───────────────────────────────────────────────────────────────────────────────────────────────

local function option_term(option)
  local term = (option.short and bold(option.short) .. ", " or "") .. bold(option.name)
  if option.choices then return term .. " " .. escape(table.concat(option.choices, "|")) end
  if option.optional then return term .. "[" .. bold("=" .. option.optional) .. "]" end
  return option.value and term .. " " .. slanted(option.value) or term
end

--- Notes are paragraphs, and lists in columns, which stay as they are.
local function add_notes(page, notes)
  for part in (notes .. "\n\n"):gmatch "(.-)\n%s*\n+" do
    if part:find "%S%s%s+%S" or part:find "\n%s+%S" or part:find "^%s" then page:lines(part) else page:text(part) end
  end
end

local function add_command(page, command)
  page:add(".SS sluice %s %s", escape(command.name), escape(command.usage or ""))
  page:text(command.summary:sub(1, 1):upper() .. command.summary:sub(2) .. ".")
  for _, argument in ipairs(command.arguments or { command.argument }) do
    page:term(slanted(argument.name), argument.help)
  end
  for _, option in ipairs(command.options) do page:term(option_term(option), option.help) end
  if command.notes then add_notes(page, command.notes) end
  page:lines("  " .. command.example:gsub("\n", "\n  "))
end

-- ── what all commands share ────────────────────────────────────────────────────────────────────────────────

local DESCRIPTION = [[
Sluice composes Adobe Experience Platform destinations from Lua recipes: connections, dataflow, audiences, attributes
and schedules. It also lists, shows, watches and changes what is there, and has a prompt.

Everything can be tried without credentials: --emulate starts an emulated service inside the program.

Results go to standard output, everything else to standard error. Secrets come from files, variables, programs or the
terminal, never from an argument, and are never shown.
]]

local ENVIRONMENT = {
  { "AEP_ORG_ID", "the organisation's ID, which ends in @AdobeOrg" },
  { "AEP_CLIENT_ID", "client ID of the credential" },
  { "AEP_CLIENT_SECRET", "its secret, or a reference: env:NAME, file:PATH, cmd:PROGRAM" },
  { "AEP_SCOPES", "its scopes, with commas between them" },
  { "AEP_ACCESS_TOKEN", "a ready-made token in place of secret and scopes" },
  { "AEP_SANDBOX", "the sandbox (prod)" },
  { "AEP_BASE_URL", "the platform (https://platform.adobe.io)" },
  { "AEP_IMS_URL", "the token service (https://ims-na1.adobelogin.com)" },
  { "XDG_CONFIG_HOME", "where profiles are kept (~/.config)" },
  { "XDG_STATE_HOME", "where tokens and the prompt's history are kept (~/.local/state)" },
  { "https_proxy", "a proxy, and no_proxy for hosts without, as libcurl understands them" },
  { "NO_COLOR", "if it is not empty: no colours" },
  { "PAGER", "shows what is longer than the terminal at the prompt" },
  { "VISUAL", "the editor of the prompt; without it EDITOR" },
}

local FILES = {
  { "~/.config/sluice/profiles/NAME.json", "profiles; default.json is used when nothing else brings credentials" },
  { "~/.local/state/sluice/tokens", "access tokens, kept for later runs" },
  { "~/.local/state/sluice/history", "what was typed at the prompt, for each profile" },
  { "~/.editrc", "keys of the prompt's line editor" },
}

local EXITS = {
  { "0", "done" }, { "1", "the script failed" }, { "2", "the command line is wrong" },
  { "3", "configuration or credentials" }, { "4", "the service refused" }, { "5", "network or service failed" },
  { "6", "a defect of Sluice" }, { "130", "interrupted by Ctrl-C" }, { "143", "ended by SIGTERM" },
}

local function add_terms(page, title, terms)
  page:section(title)
  for _, term in ipairs(terms) do page:term(bold(term[1]), term[2]) end
end

--- The page.
---@return string roff
function M.page()
  local page = setmetatable({}, Page)
  page:add(".TH SLUICE 1 \"\" \"Sluice %s\" \"User Commands\"", escape(core.version))
  page:section "NAME"
  page:add("%s", escape "sluice - compose and run Adobe Experience Platform destinations")
  page:section "SYNOPSIS"
  page:add(".B sluice")
  page:add("%s", slanted "COMMAND" .. " [options] \\[u2026]")
  page:add ".br"
  page:add(".B sluice")
  page:add("%s", slanted "FILE.lua" .. " [arguments]")
  page:section "DESCRIPTION"
  page:text(DESCRIPTION)
  page:section "COMMANDS"
  for _, name in ipairs(cli.COMMANDS) do add_command(page, require("sluice.cli." .. name)) end
  add_terms(page, "ENVIRONMENT", ENVIRONMENT)
  add_terms(page, "FILES", FILES)
  add_terms(page, "EXIT STATUS", EXITS)
  return table.concat(page, "\n") .. "\n"
end

return M
