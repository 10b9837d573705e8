--- What exported files and their folders are called: templates with their macros replaced, endings, parts.

local M = {}

M.DATE = "%Y%m%d_%H%M%S" -- DATETIME(YYYYMMdd_HHmmss), as os.date writes it
M.ROWS_PER_FILE = 5000000 -- more rows are split (T, GRD)
M.LONGEST = 255 -- characters of a file name (UI)

--- A text as part of a name: blanks become underscores, as in the tutorial's sample of a destination's name
--- (T); that the names of audiences, dataflows and organisations do the same is derived.
---@param text string
---@return string
function M.word(text)
  return (text:gsub("%s", "_"))
end

--- Replaces the macros of a template. Own text between percent signs loses them.
---@param template string
---@param values table<string, string> macro, without percent signs → what it stands for
---@return string text
---@return table<string, string> used the macros that were replaced → their values
function M.expand(template, values)
  local used = {}
  local text = template:gsub("%%([^%%]*)%%", function(body)
    if values[body] == nil then return body end
    used[body] = values[body]
    return values[body]
  end)
  return text, used
end

local ENDINGS = { -- [compression][file type]; of compressed ones only a dataset's are documented (EXP)
  NONE = { CSV = ".csv", JSON = ".json", PARQUET = ".parquet" },
  GZIP = { CSV = ".csv.gz", JSON = ".json.gz", PARQUET = ".gz.parquet" },
}

--- How file names end. A type that is not known here, of a card that is not known, stands for itself.
---@param file_type string CSV, JSON or PARQUET
---@param compression string|nil GZIP; anything else is none
---@return string
function M.ending(file_type, compression)
  return (ENDINGS[compression] or ENDINGS.NONE)[file_type] or "." .. file_type:lower()
end

--- The files of one export: one, or as many parts as its rows need (T, GRD).
---@param name string without ending
---@param ending string
---@param rows integer|nil nil: not known, one file
---@return string[]
function M.parts(name, ending, rows)
  local files = { name .. ending }
  local count = math.max(1, ((rows or 1) + M.ROWS_PER_FILE - 1) // M.ROWS_PER_FILE)
  for i = 2, count do files[i] = ("%s_%d%s"):format(name, i, ending) end
  return files
end

--- Joins folders with single slashes; an absolute path stays one.
---@param ... string
---@return string
function M.join(...)
  local path = table.concat({ ... }, "/"):gsub("//+", "/")
  return #path > 1 and (path:gsub("/$", "")) or path
end

--- The folder that a target's params name: bucket or container, then the path (T, D, EXP).
---@param target table params of the target
---@return string
function M.folder(target)
  local function text_at(name) return type(target[name]) == "string" and target[name] or nil end
  local path, storage = text_at "path" or text_at "remotePath" or "", text_at "bucketName" or text_at "container"
  return storage and M.join(storage, path) or M.join(path)
end

return M
