--- A page of help: prose wrapped, examples as they are, fields with their types.

local M = {}

--- Notes on where the platform's documents say something are for whoever reads the source.
local function without_sources(text)
  return (text:gsub("%s*%([%w-]+%.md[^)]*%)", ""))
end

--- A text in lines.
---@param text string
---@param indent string before each line
---@param columns integer
---@return string
function M.wrap(text, indent, columns)
  local lines, line = {}, ""
  text = without_sources(text)
  for word in text:gmatch "%S+" do
    if #line + #word + 1 > columns - #indent and line ~= "" then
      lines[#lines + 1], line = indent .. line, word
    else
      line = line == "" and word or line .. " " .. word
    end
  end
  if line ~= "" then lines[#lines + 1] = indent .. line end
  return table.concat(lines, "\n")
end

--- Prose wrapped, examples as they are: their lines begin with blanks.
---@param text string
---@param indent string
---@param columns integer
---@return string
function M.flow(text, indent, columns)
  local parts, prose = {}, {}
  local function close()
    if #prose > 0 then parts[#parts + 1] = M.wrap(table.concat(prose, " "), indent, columns) end
    prose = {}
  end
  for line in (text .. "\n"):gmatch "(.-)\n" do
    if line:find "^%s%s" or line == "" then
      close()
      parts[#parts + 1] = line == "" and "" or indent .. line
    else
      prose[#prose + 1] = line
    end
  end
  close()
  return (table.concat(parts, "\n"):gsub("\n+$", ""))
end

--- The beginning of a text, for a list.
---@param text string
---@return string
function M.first_sentence(text)
  local line = without_sources(text):gsub("\n.*\n%s%s.*", ""):gsub("%s+", " ")
  return (line:match "^(.-)[.;:]%s" or line:gsub("%.$", ""))
end

local Page = {}
Page.__index = Page

function Page:add(text) self[#self + 1] = text end

function Page:section(title, text)
  if text == "" then return end
  self:add("")
  self:add(self.style:paint("heading", title))
  self:add(text)
end

--- The members of a table's type, a line each: `{ a: string, b?: integer }`.
local function members_text(kind, columns)
  local lines, depth, part = {}, 0, ""
  for character in kind:match("^{(.*)}$"):gmatch "." do
    if character:find "[%(<{%[]" then depth = depth + 1 end
    if character:find "[%)>}%]]" then depth = depth - 1 end
    if character == "," and depth == 0 then
      lines[#lines + 1], part = M.wrap(part, "    ", columns), ""
    else
      part = part .. character
    end
  end
  lines[#lines + 1] = M.wrap(part, "    ", columns)
  return "table with\n" .. table.concat(lines, "\n")
end

--- One field or argument: its name and type in a line, what is said of it below.
local function field_text(self, field)
  local head = field.name and self.style:paint("name", field.name) .. "  " or ""
  local left_out = field.optional and ", may be left out" or ""
  local text = ("  %s%s%s"):format(head, field.type, left_out)
  if #self.style.plain(text) > self.width and field.type:find "^{.*}$" then
    text = ("  %s%s"):format(head, members_text(field.type, self.width)) .. left_out
  elseif #self.style.plain(text) > self.width then
    text = M.wrap(self.style.plain(text):match "^%s*(.*)$", "  ", self.width)
  end
  return field.text == "" and text or text .. "\n" .. M.wrap(field.text, "      ", self.width)
end

--- Fields or arguments, each with what is said of it.
---@param self { style: sluice.terminal.Style, width: integer }
---@param fields sluice.docs.Field[]
---@return string
function M.fields(self, fields)
  local lines = {}
  for i, field in ipairs(fields) do lines[i] = field_text(self, field) end
  return table.concat(lines, "\n")
end

--- An empty page.
---@param style sluice.terminal.Style
---@return table page
function M.new(style) return setmetatable({ style = style }, Page) end

return M
