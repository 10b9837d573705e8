--- `io` of a restricted recipe: files that its permissions name, and the standard streams, which it can neither close
--- nor steer a terminal with.

local base = require "sluice.restrict.base"
local core = require "sluice.core"
local refusal = require "sluice.restrict.refusal"

local M = {}

local real = { stdin = io.stdin, stdout = io.stdout, stderr = io.stderr, type = io.type, popen = io.popen }

-- ── the standard streams ───────────────────────────────────────────────────────────────────────────────────────────

--- Text as it may go to this stream: on a terminal, what would steer it is shown.
local function printable(name, ...)
  if not core.terminal.is(name) then return ... end
  local clean, words = require "sluice.terminal.clean", table.pack(...)
  for i = 1, words.n do
    if type(words[i]) == "string" then words[i] = clean.text(words[i]) end
  end
  return table.unpack(words, 1, words.n)
end

--- The methods of a stream.
local function methods_of(name)
  local stream = real[name]
  local methods = {}
  function methods.write(self, ...)
    local ok, reason, number = stream:write(printable(name, ...))
    if not ok then return nil, reason, number end
    return self
  end
  function methods.read(_, ...) return stream:read(...) end
  function methods.lines(_, ...) return stream:lines(...) end
  function methods.flush(self)
    stream:flush()
    return self
  end
  function methods.setvbuf() return true end
  function methods.seek() return nil, "a standard stream has no places", 29 end
  function methods.close() return nil, "cannot close standard file" end
  return base.outward(methods)
end

local function stream_of(name)
  return setmetatable({}, { __index = methods_of(name), __name = "FILE*",
    __tostring = function() return "file (" .. name .. ")" end })
end

-- ── the library ────────────────────────────────────────────────────────────────────────────────────────────────────

local function open_or_raise(path, mode)
  local file, reason = core.policy.open(path, mode)
  if not file then error(reason, 0) end
  return file
end

--- `io.input` and `io.output`, and what goes by them.
local function add_defaults(library, streams)
  local current = { input = library.stdin, output = library.stdout }
  local function chooser(which, mode)
    return function(file)
      if type(file) == "string" then
        current[which] = open_or_raise(file, mode)
      elseif file ~= nil then
        if library.type(file) ~= "file" then error("bad argument #1 (an open file expected)", 2) end
        current[which] = file
      end
      return current[which]
    end
  end
  library.input, library.output = chooser("input", "r"), chooser("output", "w")
  function library.read(...) return current.input:read(...) end
  function library.write(...) return current.output:write(...) end
  function library.close(file)
    if file == nil then file = current.output end
    if not streams[file] and not real.type(file) then error("bad argument #1 to 'close' (a file expected)", 2) end
    return file:close()
  end
  function library.lines(path, ...)
    if path == nil then return current.input:lines(...) end
    local file = open_or_raise(path, "r")
    return file:lines(...), nil, nil, file
  end
end

--- The library, and `print`, which goes to its standard output.
---@return table io
---@return function print
function M.new()
  local library, streams = {}, {}
  for _, name in ipairs { "stdin", "stdout", "stderr" } do
    library[name] = stream_of(name)
    streams[library[name]] = true
  end
  function library.type(value) return streams[value] and "file" or real.type(value) end
  function library.open(path, mode) return core.policy.open(path, mode) end
  function library.popen(command, ...)
    core.policy.command(tostring(command))
    return real.popen(command, ...)
  end
  library.tmpfile = refusal.stub("io.tmpfile", "open a file that permissions.paths.write names")
  add_defaults(library, streams)
  local stdout, tostring = library.stdout, tostring
  local function print(...)
    local words = table.pack(...)
    for i = 1, words.n do words[i] = tostring(words[i]) end
    stdout:write(table.concat(words, "\t"), "\n")
  end
  return base.outward(library), print
end

return M
