--- Words for messages: quoting a value, listing what was expected, finding the valid word nearest to a wrong
--- one. Knows nothing about what the words mean.

local M = {}

local LONGEST_QUOTE = 60 -- bytes of a wrong value shown in a message
local LONGEST_LIST = 7 -- words listed in a message

--- Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.
---@param a string
---@param b string
---@return integer distance 0 when equal
function M.distance(a, b)
  local before, previous = {}, {}
  for j = 0, #b do previous[j] = j end
  for i = 1, #a do
    local current = { [0] = i }
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      current[j] = math.min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + cost)
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        current[j] = math.min(current[j], before[j - 2] + 1)
      end
    end
    before, previous = previous, current
  end
  return previous[#b]
end

local function score(word, candidate)
  if word == candidate then return 0 end
  local shorter, longer = word, candidate
  if #shorter > #longer then shorter, longer = longer, shorter end
  if #shorter >= 2 and longer:find(shorter, 1, true) then return 1 end
  local distance = M.distance(word, candidate)
  return distance <= math.max(1, #word // 3) and distance or nil
end

--- The candidate nearest to a word, upper and lower case alike; the earlier one wins when two are equally
--- near.
---@param word any what was given; anything but a string has no neighbour
---@param candidates string[]
---@return string|nil nearest nil when nothing is near
function M.nearest(word, candidates)
  if type(word) ~= "string" or #word > LONGEST_QUOTE then return nil end
  local best, nearest
  for _, candidate in ipairs(candidates) do
    local points = score(word:lower(), candidate:lower())
    if points and (not best or points < best) then best, nearest = points, candidate end
  end
  return nearest
end

--- A value as messages show it: strings in quotes, cut and with control characters escaped; a secret shows
--- its name only.
---@param value any
---@return string
function M.quote(value)
  if type(value) == "table" then return "a table" end
  if type(value) ~= "string" then return tostring(value) end
  local text = value
  if #value > LONGEST_QUOTE then
    local cut = LONGEST_QUOTE
    while cut > 1 and value:find("^[\x80-\xBF]", cut + 1) do cut = cut - 1 end -- whole characters only
    text = value:sub(1, cut) .. "…"
  end
  return '"' .. text:gsub("%c", function(c) return ("\\%d"):format(c:byte()) end) .. '"'
end

--- The first few words of a list, and how many more there are: `a, b, c and 297 more`.
---@param words string[]
---@return string
function M.some(words)
  if #words <= LONGEST_LIST then return table.concat(words, ", ") end
  return ("%s and %d more"):format(table.concat(words, ", ", 1, LONGEST_LIST), #words - LONGEST_LIST)
end

--- A list as prose: `"a", "b" or "c"`.
---@param words string[]
---@return string
function M.either(words)
  local quoted = {}
  for i, word in ipairs(words) do quoted[i] = M.quote(word) end
  if #quoted < 2 then return quoted[1] or "nothing" end
  return table.concat(quoted, ", ", 1, #quoted - 1) .. " or " .. quoted[#quoted]
end

--- What was expected instead of a wrong word: `expected "a" or "b"; did you mean "b"?`. A long list is left
--- out where a near word is found.
---@param word any what was given
---@param candidates string[] what is valid
---@return string
function M.expected(word, candidates)
  local nearest = M.nearest(word, candidates)
  local hint = nearest and ("did you mean %s?"):format(M.quote(nearest))
  if hint and #candidates > LONGEST_LIST then return hint end
  return "expected " .. M.either(candidates) .. (hint and "; " .. hint or "")
end

return M
