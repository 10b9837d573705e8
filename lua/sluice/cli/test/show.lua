--- Values of tests as text, and two of them side by side: what was expected and what came.

local clean = require "sluice.terminal.clean"
local core = require "sluice.core"

local M = {}

local DEPTH = 12 -- of tables in tables
local MOST = 400 -- lines of a value that are compared line by line
local AROUND = 2 -- lines that are shown before and after a difference

-- ── values ─────────────────────────────────────────────────────────────────────────────────────────────────

local RANK = { number = 1, string = 2, boolean = 3 }

local function before(a, b)
  local ranks = { RANK[type(a)] or 4, RANK[type(b)] or 4 }
  if ranks[1] ~= ranks[2] then return ranks[1] < ranks[2] end
  if ranks[1] > 2 then return tostring(a) < tostring(b) end
  return a < b
end

local function scalar(value)
  if type(value) == "string" then return clean.quoted(value) end
  if value == core.json.null then return "null" end
  if type(value) == "function" then return "a function" end
  local ok, text = pcall(tostring, value)
  return clean.line(ok and text or "a " .. type(value))
end

local function key_text(key)
  if type(key) == "string" and key:find "^[%a_][%w_]*$" then return key .. " = " end
  return "[" .. scalar(key) .. "] = "
end

local write

local function write_table(lines, value, indent, open)
  if open[value] then return "a table that holds this one" end
  local keys, length = {}, #value
  for key in next, value do keys[#keys + 1] = key end
  if #keys == 0 then return "{}" end
  if #open >= DEPTH then return "{ … }" end
  table.sort(keys, before)
  open[value], open[#open + 1] = true, true
  lines[#lines] = lines[#lines] .. "{"
  for _, key in ipairs(keys) do
    local is_item = math.type(key) == "integer" and key >= 1 and key <= length
    lines[#lines + 1] = indent .. "  " .. (is_item and "" or key_text(key))
    write(lines, value[key], indent .. "  ", open)
    lines[#lines] = lines[#lines] .. ","
  end
  lines[#lines + 1] = indent
  open[value], open[#open] = nil, nil
  return "}"
end

function write(lines, value, indent, open)
  local plain = type(value) == "table" and not (core.error.is(value) or (getmetatable(value) or {}).__tostring)
  local text = plain and write_table(lines, value, indent, open) or scalar(value)
  lines[#lines] = lines[#lines] .. text
end

--- A value in Lua's notation, a line for each part of a table.
---@param value any
---@return string[] lines
function M.lines(value)
  local lines = { "" }
  write(lines, value, "", {})
  return lines
end

-- ── differences ────────────────────────────────────────────────────────────────────────────────────────────

--- The lengths of the longest common parts of the rests of two lists of lines.
local function lengths_of(a, b)
  local rows = {}
  for i = #a + 1, 1, -1 do
    rows[i] = {}
    for j = #b + 1, 1, -1 do
      if i > #a or j > #b then
        rows[i][j] = 0
      elseif a[i] == b[j] then
        rows[i][j] = rows[i + 1][j + 1] + 1
      else
        rows[i][j] = math.max(rows[i + 1][j], rows[i][j + 1])
      end
    end
  end
  return rows
end

--- Lines with a mark each: " " in both, "-" expected alone, "+" got alone.
local function marked(a, b)
  local rows, made, i, j = lengths_of(a, b), {}, 1, 1
  while i <= #a or j <= #b do
    if i <= #a and j <= #b and a[i] == b[j] then
      made[#made + 1] = { " ", a[i] }
      i, j = i + 1, j + 1
    elseif i <= #a and (j > #b or rows[i + 1][j] >= rows[i][j + 1]) then
      made[#made + 1] = { "-", a[i] }
      i = i + 1
    else
      made[#made + 1] = { "+", b[j] }
      j = j + 1
    end
  end
  return made
end

--- Those lines that are near a difference.
local function near(lines)
  local kept, made, skipped = {}, {}, false
  for i, line in ipairs(lines) do
    for k = line[1] == " " and i + 1 or i - AROUND, i + AROUND do kept[k] = kept[k] or line[1] ~= " " end
  end
  for i, line in ipairs(lines) do
    local alone = (i == 1 or kept[i - 1]) and (i == #lines or kept[i + 1]) -- takes no more room than the mark
    if kept[i] or alone then
      made[#made + 1] = line[1] .. " " .. line[2]
    elseif not skipped then
      made[#made + 1] = "  …"
    end
    skipped = not kept[i] and not alone
  end
  return made
end

--- What was expected beside what came.
---@param expected any
---@param got any
---@return string text some lines
function M.difference(expected, got)
  local a, b = M.lines(expected), M.lines(got)
  if #a == 1 and #b == 1 then return ("expected: %s\n     got: %s"):format(a[1], b[1]) end
  if #a > MOST or #b > MOST then
    return ("expected: %d lines\n     got: %d lines, too many to be compared here"):format(#a, #b)
  end
  return "expected (-) and got (+):\n" .. table.concat(near(marked(a, b)), "\n")
end

return M
