--- The findings of one file: each once, in the order of their places.

local syntax = require "sluice.analysis.syntax"

local M = {}

---@class sluice.check.Finding
---@field file string
---@field line integer
---@field column integer in characters
---@field level "error"|"warning"
---@field rule "syntax"|"global"|"field"|"param"|"secret"|"module"|"local"
---@field message string

---@class sluice.check.Report a list of findings
---@field package file string
---@field package tree sluice.analysis.Tree|nil
---@field package seen table<string, true>
local Report = {}
Report.__index = Report

local function add(self, level, rule, place, message, ...)
  local line, column = place.line, place.column
  if not column then line, column = syntax.place(self.tree, place) end
  local text = select("#", ...) > 0 and message:format(...) or message
  local key = ("%d:%d:%s"):format(line, column, text)
  if self.seen[key] then return end
  self.seen[key] = true
  self[#self + 1] = { file = self.file, line = line, column = column, level = level, rule = rule, message = text }
end

--- What is wrong.
---@param rule string
---@param place table a node, or { line =, column = }
---@param message string a format
---@param ... any
function Report:error(rule, place, message, ...) add(self, "error", rule, place, message, ...) end

--- What is doubtful.
---@param rule string
---@param place table
---@param message string a format
---@param ... any
function Report:warning(rule, place, message, ...) add(self, "warning", rule, place, message, ...) end

--- Brings the findings into the order of the text.
---@return sluice.check.Finding[] self
function Report:sorted()
  table.sort(self, function(a, b)
    if a.line ~= b.line then return a.line < b.line end
    if a.column ~= b.column then return a.column < b.column end
    return a.message < b.message
  end)
  return self
end

---@param file string what it is called in findings
---@param tree? sluice.analysis.Tree
---@return sluice.check.Report
function M.new(file, tree)
  return setmetatable({ file = file, tree = tree, seen = {} }, Report)
end

return M
