--- `--curl`: each call as a command for a POSIX shell, secrets as variables. The command for the token sets
--- AEP_ACCESS_TOKEN, which the others use, so that all of them can be run in order.

local core = require "sluice.core"

local M = {}

--- Writes a secret into JSON: quotes and backslashes, tabs, carriage returns and line ends.
local JSON_FUNCTION = [[json() { printf '%s\n' "$1" | sed -e 's/["\\]/\\&/g' -e "s/$(printf '\t')/\\\\t/g" \
  -e "s/$(printf '\r')/\\\\r/g" -e '$!s/$/\\n/' | tr -d '\n'; }]]

local LONGEST_WORD = 100000 -- bytes of a body that is given as an argument

--- Variables of secrets that have one already.
local VARIABLES = { ["access token"] = "AEP_ACCESS_TOKEN", Authorization = "AEP_ACCESS_TOKEN",
  client_secret = "AEP_CLIENT_SECRET" }

-- ── quoting ────────────────────────────────────────────────────────────────────────────────────────────────

--- s3SecretKey → S3_SECRET_KEY; a name that is a variable's stays.
local function variable_of(name)
  if VARIABLES[name] then return VARIABLES[name] end
  local words = name:gsub("(%l%d*)(%u)", "%1_%2"):gsub("[^%w]+", "_"):upper()
  return words:find "^%a" and words or "SECRET_" .. words
end

--- Marks of secrets in a text: no text can hold them by accident.
---@return fun(name: string): string hide
---@return table<string, string> variables mark → variable
---@return string pattern that finds a mark
local function marks()
  local nonce, variables, count = ("%016x"):format(math.random(0)), {}, 0
  local function hide(name)
    count = count + 1
    local mark = ("<%s:%d>"):format(nonce, count)
    variables[mark] = variable_of(name)
    return mark
  end
  return hide, variables, "<" .. nonce .. ":%d+>"
end

local function quote(text)
  if text:find "^[%w_@%%+=:,./-]+$" then return text end
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- A text as one word of the shell; marks become `expansion(variable)`, which stands in double quotes.
local function word(text, variables, pattern, expansion)
  local parts, at = {}, 1
  while true do
    local first, last = text:find(pattern, at)
    local literal = text:sub(at, (first or #text + 1) - 1)
    if literal ~= "" then parts[#parts + 1] = quote(literal) end
    if not first then return #parts > 0 and table.concat(parts) or "''" end
    parts[#parts + 1] = ('"%s"'):format(expansion(variables[text:sub(first, last)]))
    at = last + 1
  end
end

local function in_json(variable) return ('$(json "$%s")'):format(variable) end

--- A long body: systems bound the length of a word, at 128 KiB on Linux.
local function here_document(text, variables, pattern)
  text = text:gsub("[\\$`]", "\\%0")
  text = text:gsub(pattern, function(mark) return in_json(variables[mark]) end)
  return "--data-binary @- <<END\n" .. text .. "\nEND"
end

--- `name: value`, or `name=value`, as one word; "name: $VARIABLE" where nothing else needs quotes.
local function pair(text, variables, pattern)
  local outside, count = text:gsub(pattern, "")
  if count == 1 and text:find(pattern .. "$") and outside:find "^[%w%s_:=.-]*$" then
    return ('"%s"'):format(text:gsub(pattern, function(mark) return "$" .. variables[mark] end))
  end
  return word(text, variables, pattern, function(variable) return "$" .. variable end)
end

--- JSON without characters that could steer a terminal; it means the same.
local function printable_json(text)
  text = text:gsub("\127", "\\u007f")
  return (text:gsub("\xC2([\x80-\x9F])", function(byte) return ("\\u00%02x"):format(byte:byte()) end))
end

-- ── commands ───────────────────────────────────────────────────────────────────────────────────────────────

--- The words that every command begins with.
local function begin(call)
  local words = { "curl -sS" }
  if call.event.method == "HEAD" then
    words[1] = words[1] .. " --head"
  elseif call.event.method ~= "GET" then
    words[1] = words[1] .. " -X " .. quote(call.event.method)
  end
  if call.settings.cacert then words[#words + 1] = "--cacert " .. quote(call.settings.cacert) end
  if call:url():find "[%[%]{}]" then words[1] = words[1] .. " --globoff" end
  words[1] = words[1] .. " " .. quote(call:url())
  return words
end

local function add_headers(words, call, hide, variables, pattern)
  for _, row in ipairs(call:headers(hide)) do
    local text = row[2] == "" and row[1] .. ";" or row[1] .. ": " .. row[2]
    words[#words + 1] = "-H " .. pair(text, variables, pattern)
  end
end

local function token_command(call)
  local hide, variables, pattern = marks()
  local words = begin(call)
  for _, row in ipairs(call:form(hide)) do
    words[#words + 1] = "--data-urlencode " .. pair(row[1] .. "=" .. row[2], variables, pattern)
  end
  return ([[AEP_ACCESS_TOKEN=$(%s |
  sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p')]]):format(table.concat(words, " \\\n  "))
end

--- The command of a call.
---@param call sluice.seeing.Call
---@return string text of one or several lines
function M.command(call)
  if call.event.token then return token_command(call) end
  local hide, variables, pattern = marks()
  local words, head = begin(call), ""
  add_headers(words, call, hide, variables, pattern)
  local body = call:body(hide)
  if body ~= nil then
    local text = printable_json(core.json.encode(body))
    if text:find(pattern) then head = JSON_FUNCTION .. "\n" end
    words[#words + 1] = #text > LONGEST_WORD and here_document(text, variables, pattern)
      or "--data-raw " .. word(text, variables, pattern, in_json)
  end
  return head .. table.concat(words, " \\\n  ")
end

---@class sluice.seeing.Curl
local Curl = {}
Curl.__index = Curl

--- Prints a call once, however often it is repeated.
---@param call sluice.seeing.Call
function Curl:call(call)
  if call.event.attempt > 1 then return end
  if call.note then self.out.line(("# %s: not sent"):format(call.note)) end
  for line in (M.command(call) .. "\n"):gmatch "(.-)\n" do self.out.line(line) end
end

---@param out sluice.seeing.Output
---@return sluice.seeing.Curl
function M.new(out)
  return setmetatable({ out = out }, Curl)
end

return M
