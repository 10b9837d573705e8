--- Secrets that are written out: texts under names that hold secrets, and texts that look like one anywhere, in
--- comments as well.

local redact = require "sluice.seeing.redact"
local walk = require "sluice.analysis.walk"

local M = {}

--- Endings of names that make the whole a secret's name: db_password, ftpPassword.
local ENDINGS = { "password", "passphrase", "secretkey", "clientsecret", "privatekey", "accesstoken", "refreshtoken",
  "connectionstring", "sshkey", "accountkey" }

--- What secrets of a kind look like, and what they are called.
local FORMS = {
  { "%-%-%-%-%-BEGIN [%u ]*PRIVATE KEY%-%-%-%-%-", "a private key" },
  { "%f[%w_-]eyJ[%w_-]+%.eyJ[%w_-]+%.[%w_-]+", "a token (JWT)" },
  { "%f[%w]A[KS]IA" .. ("[A-Z2-7]"):rep(16) .. "%f[^%w]", "an AWS access key" },
  { "[?&]sig=[%w%%+/=]" .. ("[%w%%+/=]"):rep(19), "a shared access signature" },
  { "AccountKey=[%w+/]" .. ("[%w+/]"):rep(19), "an account key" },
  { "SharedAccessKey=[%w+/]" .. ("[%w+/]"):rep(19), "a shared access key" },
  { "[Bb]earer%s+[%w%-._~+/]" .. ("[%w%-._~+/]"):rep(19), "a token" },
  { "%f[%w][%w+.-]+://[^%s/:@]+:[^%s/:@]+@", "a password in a URL" },
}

local ADVICE = "; give it as sluice.secret.env, sluice.secret.file or a parameter of type \"secret\""

local function normal(name)
  return (name:lower():gsub("[^%w]", ""))
end

local function is_secret_name(name)
  if redact.is_secret_name(name) then return true end
  local text = normal(name)
  for _, ending in ipairs(ENDINGS) do
    if text:sub(-#ending) == ending then return true end
  end
  return false
end

--- Texts that stand for a secret and are none: examples, names of variables, references, words for people.
local function is_harmless(text)
  return text == "" or text:find "%s" or text:lower():find "example" or text:find "^<.*>$" or text:find "^[%.…*xX]+$"
    or text:find "^%u[%u%d]*_[%u%d_]+$" or text:find "^env:" or text:find "^file:" or text:find "^cmd:"
    or is_secret_name(text)
end

--- What a text looks like; nil for ordinary ones.
local function looks_like(text)
  for _, form in ipairs(FORMS) do
    local found = text:match(form[1])
    if found and not found:upper():find("EXAMPLE", 1, true) then return form[2] end
  end
end

local function check_named(report, name, value)
  if value and value.tag == "String" and is_secret_name(name) and not is_harmless(value[1]) then
    report:error("secret", value, "a secret is written out under '%s'%s", name, ADVICE)
  end
end

--- `local password = "…"`, `account.password = "…"`.
local function check_assignment(report, node)
  for i, target in ipairs(node[1]) do
    local name = target.tag == "Id" and target or target[2]
    if name.tag == "Id" or name.tag == "String" then check_named(report, name[1], (node[2] or {})[i]) end
  end
end

--- `sluice.secret.new("NAME", "…")`: the text is in the file all the same.
local function check_made(report, types, call)
  local kind, text = types:type(call[1]), call[3]
  if type(kind) ~= "table" or kind.live ~= types.known.sluice.secret.new then return end
  if text and text.tag == "String" and not is_harmless(text[1]) then
    report:error("secret", text, "a secret is written out%s", ADVICE)
  end
end

--- Reports secrets. What is made for tests is no secret by its name, but a key that looks like one is.
---@param report sluice.check.Report
---@param tree sluice.analysis.Tree
---@param types sluice.check.Flow
---@param is_test boolean
function M.check(report, tree, types, is_test)
  local visit = {
    String = function(node)
      local what = looks_like(node[1])
      if what then report:error("secret", node, "%s is written out%s", what, ADVICE) end
    end,
  }
  if not is_test then
    visit.Pair = function(node)
      if node[1].tag == "String" then check_named(report, node[1][1], node[2]) end
    end
    visit.Set = function(node) check_assignment(report, node) end
    visit.Local = visit.Set
    visit.Call = function(node) check_made(report, types, node) end
  end
  walk.each(tree.ast, visit)
  for _, comment in ipairs(tree.comments) do
    local what = looks_like(comment.contents)
    if what then report:error("secret", comment, "%s is written out, in a comment%s", what, ADVICE) end
  end
end

return M
