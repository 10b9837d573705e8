--- Templates of file and folder names: macros between percent signs, own text around them. What a card takes depends
--- on its kind: the tutorial's destinations, the newer cloud-storage cards, the folders of datasets.

local suggest = require "sluice.suggest"

local M = {}

local DATETIME, TIMESTAMP = "DATETIME(YYYYMMdd_HHmmss)", "TIMESTAMP"

local function macro(name) return "%" .. name .. "%" end

local function template_of(...)
  local parts = { ... }
  for i, name in ipairs(parts) do parts[i] = macro(name) end
  return table.concat(parts, "_")
end

--- What a template usually looks like (T).
M.USUAL = template_of("DESTINATION_NAME", "SEGMENT_ID", DATETIME)

--- The same for the newer cloud-storage cards (D).
M.USUAL_V2 = template_of("DESTINATION", "SEGMENT_ID", DATETIME)

local LONGEST = 255 -- characters (UI)

---@class sluice.filename.kind
---@field usual string
---@field macros string[]
---@field required string[]|nil what a name must have; each stands for its twin too
---@field wanted string[]|nil what a name should have: one source forbids leaving it out
---@field both "error"|"warning"|nil what date and timestamp together are
---@field text_last boolean|nil own text belongs at the end
---@field source string

--- The kinds (activation.md §6, destinations.md §9). A name and its twin mean the same.
local KINDS = {
  legacy = { usual = M.USUAL, source = "T,UPD",
    macros = { "DESTINATION_NAME", "SEGMENT_ID", "SEGMENT_NAME", DATETIME, TIMESTAMP },
    required = { "DESTINATION_NAME", "SEGMENT_ID" }, both = "error", text_last = true },
  v2 = { usual = M.USUAL_V2, source = "D",
    macros = { "DESTINATION", "SEGMENT_ID", "SEGMENT_NAME", DATETIME, TIMESTAMP, "DESTINATION_NAME",
      "DESTINATION_INSTANCE_ID", "DESTINATION_INSTANCE_NAME", "ORGANIZATION_NAME", "SANDBOX_NAME" },
    wanted = { "DESTINATION", "SEGMENT_ID" }, both = "warning" },
  folder = { usual = template_of("DESTINATION", "DATASET_ID", DATETIME), source = "D,EXP",
    macros = { "DESTINATION", "DATASET_ID", "DATASET_NAME", DATETIME, "EXPORT_TIME", "DESTINATION_NAME",
      "DESTINATION_INSTANCE_ID", "DESTINATION_INSTANCE_NAME", "ORGANIZATION_NAME", "SANDBOX_NAME" } },
}
--- A destination whose kind is not known: what either kind takes.
KINDS.unknown = { usual = M.USUAL, source = "T,UPD,D", macros = KINDS.v2.macros, both = "warning" }

local TWIN = { DESTINATION = "DESTINATION_NAME", DESTINATION_NAME = "DESTINATION" }

--- What the macros of other kinds become in this one; false when there is no counterpart.
local function counterpart(kind, name)
  local twin = TWIN[name]
  for _, known in ipairs(kind.macros) do
    if known == twin then return twin end
  end
  return false
end

local ELSEWHERE = {} -- macro → does any kind know it
for _, kind in pairs(KINDS) do
  for _, name in ipairs(kind.macros) do ELSEWHERE[name] = true end
end
local OF_DATASETS = { DATASET_ID = true, DATASET_NAME = true, EXPORT_TIME = true }

local function is_known(kind, name)
  for _, known in ipairs(kind.macros) do
    if known == name then return true end
  end
  return false
end

local function shown(names)
  local list = {}
  for i, name in ipairs(names) do list[i] = macro(name) end
  return list
end

local function home_of(name)
  if OF_DATASETS[name] then return "of the folders of datasets" end
  return name:find "^SEGMENT" and "of audiences" or name:find "^DESTINATION_NAME$" and "of the tutorial's destinations"
    or "of the newer cloud-storage cards"
end

--- Why a text between percent signs is not acceptable, and the macro it was probably meant to be. Nothing
--- when it is text of one's own.
local function objection(kind, body)
  if ELSEWHERE[body] then
    local instead = counterpart(kind, body)
    return ("%s is a macro %s%s"):format(macro(body), home_of(body),
      instead and "; write " .. macro(instead) or "; leave it out"), kind.source, instead or nil
  end
  if body:match "^DATETIME%b()$" then
    return ("the only date pattern is %s, got %s"):format(macro(DATETIME), macro(body)), "T,D", DATETIME
  end
  local near = suggest.nearest(body, kind.macros)
  if near or body:match "^[%u%d_]*%b()$" or body:match "^[%u%d_]*$" then
    local expected = near and ("did you mean %s?"):format(suggest.quote(macro(near)))
      or suggest.expected(nil, shown(kind.macros))
    return ("unknown macro %s; %s"):format(macro(body), expected), kind.source, near
  end
end

--- The macros of a template. Problems met while reading are reported; a misspelt macro counts as seen, so
--- that it is not called missing too.
local function read(kind, template, place, report)
  local seen, position = {}, 1
  while true do
    local from = template:find("%", position, true)
    if not from then return seen end
    local to = template:find("%", from + 1, true)
    if not to then
      report:error(place, "T,D", "a percent sign at character %d has no partner in %s", from, suggest.quote(template))
      return seen
    end
    local body = template:sub(from + 1, to - 1)
    local known, problem, source, meant = is_known(kind, body), nil, nil, body
    if not known then problem, source, meant = objection(kind, body) end
    if meant then seen[meant] = true end
    if problem then
      report:error(place, source, problem)
    elseif not known and kind.text_last and to < #template then
      report:warning(place, "T,UPD", "own text belongs at the end of a file name; %s stands before other parts",
        suggest.quote(macro(body)))
    end
    position = to + 1
  end
end

local function has(seen, name) return seen[name] or TWIN[name] and seen[TWIN[name]] end

local function check_parts(kind, seen, place, report)
  for _, name in ipairs(kind.required or {}) do
    if not has(seen, name) then
      report:error(place, kind.source, "lacks %s; a usual template is %s", macro(name), suggest.quote(kind.usual))
    end
  end
  for _, name in ipairs(kind.wanted or {}) do
    if not has(seen, name) then
      report:warning(place, "UI,D", "lacks %s: the user interface does not let one leave it out, the API description "
        .. "calls it optional; a usual template is %s", macro(name), suggest.quote(kind.usual))
    end
  end
end

local function check_when(kind, seen, template, place, report)
  if seen[DATETIME] and seen[TIMESTAMP] then
    if kind.both == "error" then
      report:error(place, "T", "has both %s and %s: choose one", macro(DATETIME), macro(TIMESTAMP))
    else
      report:warning(place, "T,D", "has both %s and %s: the tutorial says to choose one, the API description calls "
        .. "each optional", macro(DATETIME), macro(TIMESTAMP))
    end
  elseif not seen[DATETIME] and template:gsub("%%", ""):find(DATETIME, 1, true) then
    report:warning(place, "T,UPD", "DATETIME stands without percent signs: the tutorial's table prints it "
      .. "so, its request and the update guide write %s", macro(DATETIME))
  elseif not seen[DATETIME] and not seen[TIMESTAMP] then
    report:warning(place, "UI", "has neither %s nor %s: each export overwrites the file before", macro(DATETIME),
      macro(TIMESTAMP))
  end
end

--- The API description lists one name and writes the other in its own sample.
local function check_twin(kind, seen, place, report)
  if kind.macros[1] == "DESTINATION" and seen.DESTINATION_NAME and kind ~= KINDS.unknown then
    report:warning(place, "D", "the list of macros in the API description has %s, its sample writes %s; write %s",
      macro "DESTINATION", macro "DESTINATION_NAME", macro "DESTINATION")
  end
end

--- No page says what becomes of a slash; nothing that cannot be seen belongs into a file's name.
local function check_signs(template, place, report)
  if template:find "%c" then
    report:error(place, "derived", "has control characters, such as a line's end, in %s", suggest.quote(template))
  elseif template:find "[/\\]" then
    report:warning(place, "derived", "has a slash: whether it makes a folder or stays in the name is not documented; "
      .. "the folder belongs in the target")
  end
end

local function check_length(template, place, report)
  local length = utf8.len(template)
  if length > LONGEST then
    report:error(place, "UI", "is %d characters long: %d are allowed", length, LONGEST)
  end
end

--- Checks a file name template.
---@param report sluice.report receives the findings
---@param place string JSON pointer of the template
---@param template any nil counts as missing
---@param opts { shape: "legacy"|"v2"|nil }|nil of the destination; nil when it is not known
function M.check(report, place, template, opts)
  local kind = KINDS[opts and opts.shape or "unknown"]
  if not report:text(place, template, "a template such as " .. suggest.quote(kind.usual), kind.source) then return end
  check_length(template, place, report)
  check_signs(template, place, report)
  local seen = read(kind, template, place, report)
  check_parts(kind, seen, place, report)
  check_when(kind, seen, template, place, report)
  check_twin(kind, seen, place, report)
end

--- Checks the folder template of a dataset export. All of its macros are optional, and its files have random names.
---@param report sluice.report receives the findings
---@param place string JSON pointer of the template
---@param template any nil: the service's own, <dataset ID>/exportTime=YYYYMMDDHHMM
function M.check_folder(report, place, template)
  local kind = KINDS.folder
  if template == nil then return end
  if not report:text(place, template, "a template such as " .. suggest.quote(kind.usual), kind.source) then return end
  check_twin(kind, read(kind, template, place, report), place, report)
end

--- Does a template tell audiences apart?
---@param template string
---@return boolean
function M.names_audience(template)
  return template:find("%SEGMENT_ID%", 1, true) ~= nil or template:find("%SEGMENT_NAME%", 1, true) ~= nil
end

return M
