--- Coroutines of a restricted recipe's own. Those of tasks, in which it runs, are not its to resume or close.

local base = require "sluice.restrict.base"

local M = {}

local create, resume, close, status = coroutine.create, coroutine.resume, coroutine.close, coroutine.status

--- The library.
---@param watch? fun(co: thread) makes an interruption reach a coroutine
---@return table
function M.new(watch)
  local own = setmetatable({}, { __mode = "k" })
  local function check(co, name)
    if type(co) ~= "thread" then error(("bad argument #1 to '%s' (coroutine expected)"):format(name), 3) end
    if not own[co] then error(("coroutine.%s: not a coroutine of this script's own"):format(name), 3) end
  end
  local library = { isyieldable = coroutine.isyieldable, running = coroutine.running, yield = coroutine.yield }

  function library.create(fn)
    if type(fn) ~= "function" then error("bad argument #1 to 'create' (function expected)", 2) end
    local co = create(fn)
    own[co] = true
    if watch then watch(co) end
    return co
  end

  function library.resume(co, ...)
    check(co, "resume")
    return base.caught(resume(co, ...))
  end

  function library.close(co)
    check(co, "close")
    return base.caught(close(co))
  end

  function library.status(co)
    if type(co) ~= "thread" then error("bad argument #1 to 'status' (coroutine expected)", 2) end
    return status(co)
  end

  local function passed(co, ok, ...)
    if ok then return ... end
    if status(co) ~= "dead" then error((...), 0) end -- it was not resumed at all
    close(co)
    error((...), 0)
  end

  function library.wrap(fn)
    local co = library.create(fn)
    return function(...) return passed(co, resume(co, ...)) end
  end

  return library
end

return M
