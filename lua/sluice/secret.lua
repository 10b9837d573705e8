--- Secrets, and the references that stand for them in configuration: `env:NAME`, `file:PATH`, `cmd:PROGRAM WORDS`.
--- What a secret is, and where it can come from, is the core's business.

local core = require "sluice.core"

local M = {
  new = core.secret.new, is = core.secret.is, mask = core.secret.mask, wrap = core.secret.wrap,
  env = core.secret.env, file = core.secret.file, prompt = core.secret.prompt, stdin = core.secret.stdin,
}

local function fail(message, ...)
  core.error.raise("config", message:format(...))
end

-- ── commands ───────────────────────────────────────────────────────────────────────────────────────────────

local FOR_A_SHELL = "[|&;<>()$`]" -- what a shell would act upon, and nobody does here

local function refuse_shell(character)
  fail("a command with an unquoted %s: it is called without a shell; quote it, or write sh -c '…'", character)
end

--- The end of a quoted part that begins at `at`, and its text.
local function quoted(text, at)
  local quote, parts = text:sub(at, at), {}
  local i = at + 1
  while i <= #text do
    local c = text:sub(i, i)
    if c == quote then return i, table.concat(parts) end
    if quote == '"' and c == "\\" and text:find('^[\\"$`]', i + 1) then
      i = i + 1
      c = text:sub(i, i)
    elseif quote == '"' and c:find "[$`]" then
      refuse_shell(c)
    end
    parts[#parts + 1], i = c, i + 1
  end
  fail("a command with a %s that has no end", quote == '"' and "double quote" or "single quote")
end

--- One word from `at` on, and where it ends.
local function word_at(text, at)
  local parts, i = {}, at
  while i <= #text and not text:find("^%s", i) do
    local c = text:sub(i, i)
    if c == "'" or c == '"' then
      i, c = quoted(text, i)
    elseif c == "\\" and i < #text then
      i = i + 1
      c = text:sub(i, i)
    elseif c:find(FOR_A_SHELL) then
      refuse_shell(c)
    end
    parts[#parts + 1], i = c, i + 1
  end
  return table.concat(parts), i
end

--- The words of a command line: blanks separate them, quotes and backslashes work as in a shell. Nothing is expanded;
--- what a shell would act upon has to be quoted.
---@param text string
---@return string[]
function M.words(text)
  local words, i = {}, text:find "%S"
  while i do
    words[#words + 1], i = word_at(text, i)
    i = text:find("%S", i)
  end
  return words
end

local function words_of(line)
  local words = M.words(line)
  if #words == 0 then fail "a command without a word; expected a program" end
  return words
end

--- What a program prints, but for the line end at its end. Raises kind "config" when it fails.
---@param command string|string[] its words, or a line of them (see `words`)
---@param name? string what the secret shows as, by default the program
---@return sluice.Secret
function M.command(command, name)
  return core.secret.command(type(command) == "string" and words_of(command) or command, name)
end

-- ── references ─────────────────────────────────────────────────────────────────────────────────────────────

--- A file's path with the home folder in the place of `~`; a relative one is below `folder`.
local function located(path, opts)
  local home = path:match "^~/(.*)$" and (opts.env or os.getenv) "HOME"
  if home and home ~= "" then return home .. path:sub(2) end
  if path:find "^/" or not opts.folder then return path end
  return opts.folder .. "/" .. path
end

local SOURCES = {
  env = function(variable, name, opts)
    if not variable:find "^[%a_][%w_]*$" then
      fail("env:%s: expected the name of an environment variable", variable)
    end
    local secret
    if opts.env and opts.env ~= os.getenv then
      local value = opts.env(variable)
      secret = value and value ~= "" and core.secret.new(name, value)
    else
      secret = core.secret.env(variable, name)
    end
    return secret or fail("env:%s: that environment variable is not set", variable)
  end,
  file = function(path, name, opts)
    if path == "" then fail "file: expected the path of a file behind it" end
    return (opts.file or core.secret.file)(located(path, opts), name)
  end,
  cmd = function(line, name, opts)
    return (opts.command or core.secret.command)(words_of(line), name)
  end,
}

--- Is the text a reference, so that it may be seen by everybody?
---@param text string
---@return boolean
function M.is_reference(text)
  return SOURCES[text:match "^(%l+):" or ""] ~= nil
end

--- The secret that a reference stands for. Raises kind "config" when there is none.
---@param text string `env:NAME`, `file:PATH` (`~/` is the home folder) or `cmd:PROGRAM WORDS`
---@param name string what it shows as
---@param opts? { folder?: string, env?: (fun(variable: string): string|nil), file?: function, command?: function }
---  folder: what relative paths start from, by default the working directory; file, command: in place of those of
---  `core.secret`
---@return sluice.Secret|nil secret nil when the text is no reference
function M.from(text, name, opts)
  local scheme, rest = text:match "^(%l+):(.*)$"
  local source = SOURCES[scheme]
  return source and source(rest, name, opts or {}) or nil
end

return M
