--- What is in a test's file: blocks of tests, with what is done before and after each of them.

local expect = require "sluice.cli.test.expect"
local suggest = require "sluice.suggest"

local M = {}

---@class sluice.test.Block
---@field parent sluice.test.Block|nil
---@field name string
---@field before function[]
---@field after function[]

---@class sluice.test.Test
---@field name string with the names of the blocks around it
---@field block sluice.test.Block
---@field run function|nil nil: pending
---@field reason string|nil why it is pending

--- What `pending` raises inside a test.
local Pending = {}

--- The reason that a test gave for being pending; nil for anything else that was raised.
---@param raised any
---@return string|nil
function M.pending_reason(raised)
  return getmetatable(raised) == Pending and raised.reason or nil
end

local function check(name, fn, what)
  if type(name) ~= "string" or type(fn) ~= "function" then
    error(("%s: expected a text and a function, got %s and %s"):format(what, suggest.quote(name), suggest.quote(fn)), 3)
  end
end

local function check_function(fn, what)
  if type(fn) ~= "function" then error(("%s: expected a function, got %s"):format(what, suggest.quote(fn)), 3) end
end

--- The name of something in a block, with those around it, on one line.
local function full_name(block, name)
  while block.parent do block, name = block.parent, block.name .. ": " .. name end
  return (name:gsub("%s+", " "))
end

local function new_block(parent, name)
  return { parent = parent, name = name, before = {}, after = {} }
end

--- The globals of a test's file.
---@return table scope describe, it, before_each, after_each, pending, assert
---@return { tests: sluice.test.Test[], running: boolean } suite what they gather; pending means another thing once
---  the tests run
function M.scope()
  local suite, block = { tests = {}, running = false }, new_block(nil, "")
  local function outside(what)
    if suite.running then error(what .. " stands outside of tests, not in one", 3) end
  end
  local function add(name, fn, reason)
    table.insert(suite.tests, { name = full_name(block, name), block = block, run = fn, reason = reason })
  end
  local scope = { assert = expect.new() }
  function scope.describe(name, fn)
    check(name, fn, "describe")
    outside "describe"
    local outer = block
    block = new_block(outer, name)
    fn()
    block = outer
  end
  function scope.it(name, fn)
    check(name, fn, "it")
    outside "it"
    add(name, fn)
  end
  function scope.before_each(fn)
    check_function(fn, "before_each")
    outside "before_each"
    table.insert(block.before, fn)
  end
  function scope.after_each(fn)
    check_function(fn, "after_each")
    outside "after_each"
    table.insert(block.after, fn)
  end
  function scope.pending(reason)
    if type(reason) ~= "string" then error("pending: expected a text, got " .. suggest.quote(reason), 2) end
    if suite.running then error(setmetatable({ reason = reason }, Pending), 0) end
    add(reason, nil, "to be written")
  end
  return scope, suite
end

--- The functions that stand around a test: outer ones first before it, inner ones first after it.
---@param block sluice.test.Block|nil
---@return function[] before
---@return function[] after
function M.around(block)
  local before, after = {}, {}
  while block do
    table.move(before, 1, #before, #block.before + 1)
    table.move(block.before, 1, #block.before, 1, before)
    table.move(block.after, 1, #block.after, #after + 1, after)
    block = block.parent
  end
  return before, after
end

return M
