--- Invented profiles: what stands in the rows of exported files. Names are made up, mail addresses end in
-- example domains (RFC 2606), telephone numbers come from a range nobody has. The same seed gives the same.
local calendar = require "sluice.emulator.calendar"

local M = {}

local FIRST = { "Ada", "Bruno", "Chloé", "Daniel", "Elena", "Farid", "Grace", "Hiro", "Ines", "Jonas", "Kirsten",
  "Luca", "Mei", "Nadia", "Oscar", "Priya" }
local LAST = { "Almeida", "Brandt", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ivanova",
  "Jansen", "Keller", "Lindqvist", "Meyer, Jr.", "Novak", "O'Brien", "Popescu" }
local CITIES = { "Basel", "Dublin", "Ghent", "Graz", "Lille", "Oslo", "Porto", "Turin" }
local COUNTRIES = { "CH", "IE", "BE", "AT", "FR", "NO", "PT", "IT" }

-- A row takes all its values from the 32 digits of one person.
local function number(person, place, range) return tonumber(person.digits:sub(place, place + 5), 16) % range end

local function pick(list, place)
  return function(person) return list[number(person, place, #list) + 1] end
end

local first, last, city = pick(FIRST, 1), pick(LAST, 5), pick(CITIES, 9)

local function plain(text) return (text:lower():gsub("é", "e"):gsub("[^%a]+", "")) end

local function email(person)
  return ("%s.%s%d@example.com"):format(plain(first(person)), plain(last(person)), number(person, 12, 1000))
end

local function phone(person) return ("+1 555 01%02d"):format(number(person, 14, 100)) end

local function ecid(person) return ("%019d%019d"):format(number(person, 1, 1 << 24), number(person, 9, 1 << 24)) end

local function uuid(person)
  local d = person.digits
  return table.concat({ d:sub(1, 8), d:sub(9, 12), "4" .. d:sub(14, 16), "8" .. d:sub(18, 20), d:sub(21, 32) }, "-")
end

-- An increment also holds profiles that left the audience, when a column shows it; a full export never does.
-- [PEB, LEG]
local function status(person, job)
  return job.mode ~= "full" and number(person, 16, 4) == 0 and "exited" or "realized"
end

local function before(days)
  return function(person, job)
    return calendar.format(job.at - number(person, 18, days * 86400) * calendar.SECOND, "iso")
  end
end

local function birthday(person)
  return calendar.format(calendar.day(1950, 1, 1) + number(person, 20, 50 * 365) * calendar.DAY, "iso"):sub(1, 10)
end

-- The first word found in a column's name, in lower case, decides; "." and "_" are alike.
local VALUES = {
  { "segmentmembership.*status", status }, { "lastqualificationtime", before(30) },
  { "firstname", first }, { "lastname", last }, { "fullname", function(p) return first(p) .. " " .. last(p) end },
  { "e?mail", email }, { "phone", phone }, { "birth", birthday }, { "country", pick(COUNTRIES, 9) },
  { "city", city }, { "ecid", ecid },
  { "gaid", uuid }, { "idfa", uuid }, { "date", before(365) }, { "time", before(365) },
  { "points", function(p) return tostring(number(p, 22, 5000)) end },
  { "amount", function(p) return ("%d.%02d"):format(number(p, 22, 500), number(p, 24, 100)) end },
  { "id$", function(p) return "ID" .. p.digits:sub(20, 29):upper() end },
}

local function maker_of(column)
  local name = column:lower()
  for _, entry in ipairs(VALUES) do
    if name:find(entry[1]) then return entry[2] end
  end
  local word = column:match "([%w]+)$" or "value"
  return function(person) return ("%s %d"):format(word, number(person, 26, 1000)) end
end

-- Not everybody has everything, except what is mandatory; membership is always known.
local function is_missing(person, index, column, mandatory)
  if mandatory[column] or column:find("segmentMembership", 1, true) then return false end
  return number(person, index % 24 + 1, 8) == 0
end

local function person_of(ids, job, subject, index)
  local name = job.mode == "full" and ("%s %d"):format(subject.id, index)
    or ("%s %d %d"):format(subject.id, job.at, index)
  return { digits = ids:digits("person " .. name) }
end

local function set_of(list)
  local set = {}
  for _, name in ipairs(list) do
    set[name], set[(name:gsub("[.]", "_"))] = true, true
  end
  return set
end

--- Makes rows.
---@param ids table source of ids
---@param job sluice.emulator.Job
---@param subject sluice.emulator.Subject
---@param columns string[]
---@param first_row integer number of the first row within the export
---@param count integer
---@return string[][] rows values in the columns' order; a missing one is false
function M.rows(ids, job, subject, columns, first_row, count)
  local makers, rows, mandatory = {}, {}, set_of(job.mandatory)
  for i, column in ipairs(columns) do makers[i] = maker_of(column) end
  for r = 1, count do
    local person, row = person_of(ids, job, subject, first_row + r - 1), {}
    for i, column in ipairs(columns) do
      row[i] = not is_missing(person, i, column, mandatory) and makers[i](person, job)
    end
    rows[r] = row
  end
  return rows
end

return M
