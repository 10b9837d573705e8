--- Names of files that belong to a recipe: relative to its folder, with "/" between their parts, the same in a folder,
--- in a bundle and in an executable.

local M = {}

M.MAX_BYTES = 255 -- of a whole name
M.MAX_PARTS = 16

local PARTS = { [""] = "has an empty part", ["."] = "has a part '.'", [".."] = "leads out of its folder" }

--- Characters that other characters are written with as well: combining marks, conjoining Hangul, doubles of letters.
local SECOND_FORMS = {
  { 0x0300, 0x036F }, { 0x1100, 0x11FF }, { 0x1AB0, 0x1AFF }, { 0x1DC0, 0x1DFF }, { 0x20D0, 0x20FF },
  { 0x2126, 0x212B }, { 0x3099, 0x309A }, { 0xF900, 0xFAFF }, { 0xFE20, 0xFE2F }, { 0x2F800, 0x2FA1F },
}

local function has_second_form(code)
  for _, range in ipairs(SECOND_FORMS) do
    if code >= range[1] and code <= range[2] then return true end
  end
end

local function character_problem(name)
  if not utf8.len(name) then return "is no UTF-8" end
  if require("sluice.terminal.clean").line(name) ~= name then return "has a character that nobody sees" end
  for _, code in utf8.codes(name) do
    if has_second_form(code) then
      return ("has a character U+%04X, which other systems write otherwise"):format(code)
    end
  end
end

local function part_problem(name)
  local count = 0
  for part in (name .. "/"):gmatch "([^/]*)/" do
    count = count + 1
    if PARTS[part] then return PARTS[part] end
  end
  if count > M.MAX_PARTS then return ("has more than %d parts"):format(M.MAX_PARTS) end
end

--- What is wrong with a name.
---@param name any
---@return string|nil problem such as "is absolute"; nil when all is well
function M.problem(name)
  if type(name) ~= "string" then return "is no text" end
  if name == "" then return "is empty" end
  if #name > M.MAX_BYTES then return ("has more than %d bytes"):format(M.MAX_BYTES) end
  if name:find "[%c\127]" then return "has a control character" end
  if name:find("\\", 1, true) then return "has a backslash; parts are separated by '/'" end
  if name:find "^/" or name:find "^%a:" then return "is absolute" end
  return part_problem(name) or name:find "[\x80-\xFF]" and character_problem(name) or nil
end

--- The capitals beyond ASCII of those scripts that have them: first, last, how far off the small ones are, and whether
--- they take turns with them.
local CAPITALS = {
  { 0xC0, 0xDE, 32 }, { 0x100, 0x137, 1, 0 }, { 0x139, 0x148, 1, 1 }, { 0x14A, 0x177, 1, 0 }, { 0x179, 0x17E, 1, 1 },
  { 0x391, 0x3AB, 32 }, { 0x400, 0x40F, 80 }, { 0x410, 0x42F, 32 }, { 0x460, 0x481, 1, 0 }, { 0x48A, 0x4BF, 1, 0 },
  { 0x4D0, 0x52F, 1, 0 }, { 0x531, 0x556, 48 }, { 0x1E00, 0x1E95, 1, 0 }, { 0x1EA0, 0x1EFF, 1, 0 },
}

local function small(code)
  for _, range in ipairs(CAPITALS) do
    if code >= range[1] and code <= range[2] and (not range[4] or code % 2 == range[4]) then
      return code + range[3]
    end
  end
  return code
end

--- Two names that are equal so are one file on some system: compared without regard to case.
---@param name string a good one
---@return string
function M.fold(name)
  if not name:find "[\x80-\xFF]" then return name:lower() end
  local characters = {}
  for _, code in utf8.codes(name) do characters[#characters + 1] = utf8.char(small(code)) end
  return table.concat(characters):lower()
end

return M
