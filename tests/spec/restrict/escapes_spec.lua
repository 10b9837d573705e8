--- What is known to lead out of sandboxes made in Lua, tried from within. Patterns that take for ever are not among it:
--- they cost the user's time, and Ctrl-C ends them.

local child = require "spec.support.child"
local stranger = require "spec.support.stranger"

describe("a restricted recipe", function()
  local folder

  before_each(function()
    folder = child.folder()
    os.execute(("mkdir %s/out"):format(folder))
  end)
  after_each(function() child.remove(folder) end)

  --- Runs a chunk that may write to `out`; gives what it said by its labels.
  local function run(text, options)
    local permissions, by_label = '{ paths = { read = { "out" }, write = { "out" } } }', {}
    local said = stranger.run(folder, permissions, text, options)
    for _, line in ipairs(said) do
      local label, value = line:match "^([%w_ .]+): (.*)$"
      if label then by_label[label] = value end
    end
    return by_label, said
  end

  it("has no way to the house's globals", function()
    local said = run [[
      local seen = {}
      for name, value in pairs(_G) do seen[value] = name end
      try("debug", function() return debug end)
      try("jit", function() return ffi or jit end)
      try("same", function() return _G == _ENV and _G._G == _G end)
      try("exit", os.exit)
      try("dump", function() return ("").dump end)
      try("dump too", string.dump, print)
      local function f() return _ENV end
      try("function", function() return f() == _G end)
      do
        local _ENV = { try = try, tostring = tostring }
        try("own", function() return tostring(print) end)
      end
    ]]
    assert.same({ debug = "nil", jit = "nil", same = "true", dump = "nil", ["function"] = "true", own = "nil",
      exit = "! permission: not permitted in a restricted recipe: ending the program",
      ["dump too"] = "! permission: not permitted in a restricted recipe: string.dump" }, said)
  end)

  it("cannot reach or change metatables that it has not made", function()
    local said = run([[
      local sluice = require "sluice"
      local aep = sluice.connect()
      local objects = { text = "", file = io.stdout, opened = io.open("out/x", "w"), face = sluice,
        connection = aep, flows = aep.flows, core = aep.client, list = aep.audiences, patch = sluice.patch(),
        array = sluice.json.array {},
        destination = sluice.destination {}, failure = select(2, pcall(sluice.connect, { config = "x" })),
        recipe = sluice.recipe { name = "a", version = "1", summary = "s", params = {}, run = print },
        patches = sluice.patch }
      for name, object in pairs(objects) do
        local metatable = getmetatable(object)
        if metatable then print("bad: " .. name) end
        if type(object) == "table" then
          if pcall(setmetatable, object, {}) then print("bad: set " .. name) end
          if pcall(setmetatable, object, nil) then print("bad: unset " .. name) end
        end
        for _, field in ipairs { "__index", "__newindex", "__metatable", "__name", "__gc", "__call", "__tostring" } do
          local ok, value = pcall(function() return object[field] end)
          if ok and value ~= nil then print("bad: " .. name .. "." .. field) end
        end
      end
      try("secret", getmetatable, sluice.secret.new("a", "b"))
      try("number", getmetatable, 1)
      try("function", getmetatable, print)
      try("string", function() ("").x = 1 end)
      try("string too", function() getmetatable("").__index.x = 1 end)
    ]])
    assert.is_nil(said.bad)
    assert.equal("secret", said.secret)
    assert.equal("nil", said.number)
    assert.equal("nil", said["function"])
    assert.is_truthy(said.string:find("! .*attempt to index a string value"))
    assert.is_truthy(said["string too"]:find("! .*attempt to index a boolean value"))
  end)

  it("has metatables of its own", function()
    local said = run [[
      local class = { f = function() return 7 end }
      class.__index = class
      local object = setmetatable({}, class)
      try("method", function() return object:f() end)
      try("get", function() return getmetatable(object) == class and class.__index == class end)
      try("change", function() return setmetatable(object, nil) == object and getmetatable(object) == nil end)
      try("hidden", getmetatable, setmetatable({}, { __metatable = "mine" }))
      try("protected", setmetatable, setmetatable({}, { __metatable = false }), {})
      try("gc", setmetatable, {}, { __gc = print })
      try("gc later", function()
        local later = {}
        setmetatable({}, later)
        later.__gc = function() print "bad: collected" end
        return setmetatable({}, later)
      end)
      try("gc hidden", function()
        return type(setmetatable({}, setmetatable({}, { __index = { __gc = function() print "bad: collected" end } })))
      end)
    ]]
    assert.is_nil(said.bad)
    assert.same({ method = "7", get = "true", change = "true", hidden = "mine",
      protected = "! cannot change a protected metatable", ["gc hidden"] = "table",
      gc = "! permission: not permitted in a restricted recipe: a metatable with __gc",
      ["gc later"] = "! permission: not permitted in a restricted recipe: a metatable with __gc" }, said)
  end)

  it("loads text only, with its own globals", function()
    child.write(folder .. "/out/text.lua", "#!/usr/bin/env lua\nreturn _ENV, ...")
    child.write(folder .. "/out/code.luac", string.dump(load "return io"))
    local said = run [[
      local code = io.open("out/code.luac", "rb"):read "a"
      try("globals", function() return load "return _ENV" () == _G end)
      try("given", function() return load("return x", "n", "t", { x = 7 })() end)
      try("none", function() return load("return _ENV", "n", "t", nil)() end)
      try("code", function() return select(2, load(code)) end)
      try("code by mode", load, code, "n", "b")
      try("code by both", function() return select(2, load(code, "n", "bt")) end)
      try("code in pieces", function()
        local pieces = { code:sub(1, 1), code:sub(2) }
        return select(2, load(function() return table.remove(pieces, 1) end))
      end)
      try("code file", function() return select(2, loadfile "out/code.luac") end)
      try("do code", dofile, "out/code.luac")
      try("file", function() return dofile "out/text.lua" == _G end)
      try("file with globals", function() return loadfile("out/text.lua", "t", { y = 8 })().y end)
      try("standard input", dofile)
      try("missing", function() return select(2, loadfile "out/missing") end)
      try("elsewhere", loadfile, "stranger.lua")
      try("required", function()
        package.preload.code = function() return load(code) end
        return require "code"
      end)
    ]]
    local binary = "attempt to load a binary chunk (mode is 't')"
    for _, label in ipairs { "code", "code by both", "code in pieces", "code file" } do
      assert.equal(binary, said[label], label)
    end
    assert.equal("! " .. binary, said["do code"])
    assert.equal("! permission: not permitted in a restricted recipe: loading compiled Lua", said["code by mode"])
    assert.same({ "true", "7", "nil", "true", "8", "true" }, { said.globals, said.given, said.none, said.file,
      said["file with globals"], said.required })
    assert.equal("! permission: not permitted in a restricted recipe: loading standard input", said["standard input"])
    assert.is_truthy(said.missing:find("^cannot open out/missing: "))
    assert.is_truthy(said.elsewhere:find("! permission", 1, true))
  end)

  it("has no C modules", function()
    local said = run [[
      try("loadlib", package.loadlib, "libc.so.6", "system")
      try("path", function() return package.path .. package.cpath end)
      package.path, package.cpath = "./?.lua", "/usr/lib/x86_64-linux-gnu/lua/5.4/?.so"
      try("lfs", require, "lfs")
      try("searchers", function() return #package.searchers end)
      try("searchpath", function() return package.searchpath end)
      try("cjson", function() return require("cjson").encode { 1 } end)
      try("limits", function() return require("cjson").encode_max_depth end)
    ]]
    assert.equal("! permission: not permitted in a restricted recipe: package.loadlib", said.loadlib)
    assert.equal("", said.path)
    assert.is_truthy(said.lfs:find("! ", 1, true))
    assert.equal("1", said.searchers)
    assert.equal("nil", said.searchpath)
    assert.equal("[1]", said.cjson)
    assert.equal("nil", said.limits)
  end)

  it("counts garbage and does nothing else with it", function()
    local said = run [[
      try("count", function() return collectgarbage "count" > 0 end)
      for _, option in ipairs { "collect", "stop", "restart", "step", "isrunning", "generational", "incremental",
        "setpause" } do
        try(option, collectgarbage, option)
      end
      try("none", collectgarbage)
    ]]
    assert.equal("true", said.count)
    said.count = nil
    for label, value in pairs(said) do
      assert.is_truthy(value:find("^! permission: not permitted in a restricted recipe: collectgarbage"), label)
    end
  end)

  it("resumes and closes its own coroutines only", function()
    local said = run [[
      local sluice = require "sluice"
      try("wrap", function() return coroutine.wrap(function(a) return coroutine.yield(a) end)(7) end)
      try("resume", function()
        local co = coroutine.create(function(a) local b = coroutine.yield(a) return b end)
        local _, first = coroutine.resume(co, 1)
        local _, second = coroutine.resume(co, 2)
        return first + second .. coroutine.status(co)
      end)
      try("close", function()
        local closed
        local co = coroutine.create(function()
          local _ <close> = setmetatable({}, { __close = function() closed = true end })
          coroutine.yield()
        end)
        coroutine.resume(co)
        return coroutine.close(co) and closed
      end)
      try("failure", function() return coroutine.resume(coroutine.create(error), "x") end)
      try("wrapped failure", coroutine.wrap(error), "x")
      try("dead", function()
        local f = coroutine.wrap(function() end)
        f()
        f()
      end)
      try("main", function() return coroutine.resume((coroutine.running())) end)
      try("main close", function() return coroutine.close((coroutine.running())) end)
      try("task", function()
        local task
        local results = { sluice.all { function() task = coroutine.running() sluice.sleep(0.01) return 1 end,
          function()
            sluice.sleep(0.001)
            local _, resumed = pcall(coroutine.resume, task)
            local _, closed = pcall(coroutine.close, task)
            return resumed .. closed
          end } }
        return results[1] .. results[2]
      end)
      try("waiting", function()
        return coroutine.wrap(function() return #sluice.connect().flows:list() end)()
      end)
      try("yield in a task", function() return sluice.all { function() coroutine.yield(1) return 2 end } end)
      try("none", coroutine.create, 1)
      try("not one", coroutine.resume, {})
    ]]
    local refused = "not a coroutine of this script's own"
    assert.same({ wrap = "7", resume = "3dead", close = "true", failure = "false", ["wrapped failure"] = "! x",
      dead = "! cannot resume dead coroutine", waiting = "0", ["yield in a task"] = "2",
      none = "! bad argument #1 to 'create' (function expected)",
      ["not one"] = "! bad argument #1 to 'resume' (coroutine expected)" },
      { wrap = said.wrap, resume = said.resume, close = said.close, failure = said.failure,
        ["wrapped failure"] = said["wrapped failure"], dead = said.dead, waiting = said.waiting,
        ["yield in a task"] = said["yield in a task"], none = said.none, ["not one"] = said["not one"] })
    assert.is_truthy(said.main:find("coroutine.resume: " .. refused, 1, true), said.main)
    assert.is_truthy(said["main close"]:find("coroutine.close: " .. refused, 1, true))
    assert.is_truthy(said.task:find("coroutine.resume: " .. refused, 1, true), said.task)
    assert.is_truthy(said.task:find("coroutine.close: " .. refused, 1, true))
  end)

  it("changes nothing that the house works with", function()
    local said, all = run([[
      local sluice = require "sluice"
      local function evil() print "bad: the house called it" error "evil" end
      for _, name in ipairs { "json", "patch", "pointer", "error", "catalog", "schedule", "secret", "merge_patch" } do
        local part = sluice[name]
        for key, value in pairs(part) do
          if type(value) == "function" then rawset(part, key, evil) end
        end
      end
      for name in pairs { connect = 1, destination = 1, recipe = 1, try = 1 } do rawset(sluice, name, evil) end
      for _, library in ipairs { string, table, math, utf8, os, io, coroutine, package } do
        for key in pairs(library) do library[key] = evil end
      end
      for _, name in ipairs { "pairs", "ipairs", "next", "type", "tostring", "setmetatable", "require", "select" } do
        _G[name] = evil
      end
    ]], { after = [[
      local sluice = require "sluice"
      print("house: " .. sluice.json.encode(sluice.json.decode "[1]") .. ("x"):rep(2) .. table.concat { "y" }
        .. tostring(#sluice.connect().flows:list()) .. type(sluice.catalog.systems["amazon-s3"].title))
    ]] })
    assert.is_nil(said.bad, table.concat(all, "\n"))
    assert.equal("[1]xxy0string", said.house)
  end)

  it("gets nothing through what it lets the house call", function()
    local said = run [[
      local sluice = require "sluice"
      local aep = sluice.connect()
      local function attempt(from)
        try(from, function() return tostring(debug) .. tostring(os.getenv == nil) .. type(getmetatable("")) end)
        try(from .. " file", io.open, "/etc/passwd")
        try(from .. " program", os.execute, "touch out/ran")
      end
      sluice.map({ 1 }, function() attempt "task" end)
      table.sort({ 2, 1 }, function() attempt "sort" return false end)
      local trap = setmetatable({}, { __index = function(_, key) if key == "name" then attempt "index" end end,
        __pairs = function() attempt "pairs" return next, {} end, __len = function() attempt "len" return 0 end })
      pcall(sluice.recipe, trap)
      pcall(sluice.connect, trap)
      pcall(sluice.map, trap, print)
      xpcall(error, function() attempt "handler" end)
      pcall(function() local _ <close> = setmetatable({}, { __close = function() attempt "close" end }) error "x" end)
      pcall(error, setmetatable({}, { __tostring = function() attempt "text" return "x" end }))
      tostring(setmetatable({}, { __tostring = function() attempt "text" return "x" end }))
      string.gsub("a", "a", function() attempt "gsub" end)
      load(function() attempt "reader" end)
    ]]
    local places = 0
    for label, value in pairs(said) do
      if label:find " " then
        assert.is_truthy(value:find("! permission", 1, true), label)
      else
        assert.equal("nilfalseboolean", value)
        places = places + 1
      end
    end
    assert.equal(10, places)
    assert.is_nil(child.read(folder .. "/out/ran"))
  end)

  it("keeps secrets secret", function()
    local said, all = run([[
      local sluice = require "sluice"
      local aep, secret = sluice.connect(), HANDED
      try("text", tostring, secret)
      try("json", sluice.json.encode, { a = secret })
      try("format", string.format, "%s", secret)
      try("quoted", string.format, "%q", secret)
      try("joined", table.concat, { secret })
      try("written", io.write, secret)
      try("sub", string.sub, secret, 1, 1)
      try("method", function() return secret:sub(1, 1) end)
      try("glued", function() return secret .. "" end)
      try("order", function() return secret < "z" end)
      try("other codec", require("cjson").encode, { a = secret })
      local id = aep.connections:create { name = "kept " , description = secret, auth = { specName = "Access Key",
        params = { s3AccessKey = "AKIAIOSFODNN7EXAMPLE", s3SecretKey = secret } },
        connectionSpec = { id = "4fce964d-3f37-408f-9778-e597338a21ee", version = "1.0" } }.id
      local echo = aep.connections:get(id)
      try("echoed", function() return echo.description end)
      local _, head = aep:request { path = "/data/foundation/flowservice/flows",
        headers = { ["x-request-id"] = secret } }
      try("header", function() return head.headers["x-request-id"] or "none" end)
      try("kept", function() return echo.auth.params.s3SecretKey end)
      try("refused", function()
        aep.connections:create { name = "x", connectionSpec = { id = secret, version = "1.0" } }
      end)
    ]], { before = 'env.HANDED = core.secret.new("password", "tellnobody4711tellnobody4711tellnobody47")\n' })
    for label, value in pairs(said) do
      assert.is_nil(value:find("4711", 1, true), label)
      assert.is_nil(value:find("nobody", 1, true), label)
    end
    assert.equal("‹secret password›", said.echoed, table.concat(all, "\n"))
    assert.equal("‹secret s3SecretKey›", said.kept)
    assert.equal("‹secret password›", said.glued)
    for _, label in ipairs { "quoted", "joined", "written", "sub", "method", "order" } do
      assert.equal("!", said[label]:sub(1, 1), label)
    end
  end)

  it("cannot take all memory", function()
    local said = run [[
      try("rep", function() return #string.rep("x", (1 << 31) - 1) end)
      try("method", function() return #("x"):rep((1 << 31) - 1) end)
      try("doubling", function()
        local text = "x"
        while true do text = text .. text end
      end)
      try("other codec", function() return #require("cjson").encode(("\1"):rep(46 << 20)) end)
      try("after", function() return #string.rep("x", 1000) end)
    ]]
    assert.same({ rep = "! not enough memory", method = "! not enough memory", doubling = "! not enough memory",
      ["other codec"] = "! limit: the JSON text is larger than its limit of 268435456 bytes", after = "1000" }, said)
  end)

  it("neither closes nor redirects the standard streams", function()
    local said = run([[
      try("close", function() return io.stdout:close() end)
      try("close too", function() return io.close(io.stderr) end)
      try("buffer", function() return io.stdout:setvbuf("full", 1 << 20) end)
      try("type", io.type, io.stdout)
      try("replace", function() io.stdout.write = nil io.stdout = nil return print end)
      io.output("out/print")
      io.write "kept"
      io.output():close()
      print "said: still"
      try("tmpfile", io.tmpfile)
      try("tmpname", os.tmpname)
      try("locale", os.setlocale, "C")
      warn "@off"
      warn("a ", "warning")
    ]], { after = 'print("house: " .. tostring(io.stdout:write ""))\n' })
    assert.equal("still", said.said)
    assert.equal("file", said.type)
    assert.equal("nil", said.close)
    assert.equal("nil", said["close too"])
    assert.equal("true", said.buffer)
    assert.is_truthy(said.house:find "^file %(0x")
    assert.equal("kept", child.read(folder .. "/out/print"))
    for _, label in ipairs { "tmpfile", "tmpname", "locale" } do
      assert.is_truthy(said[label]:find("! permission", 1, true), label)
    end
  end)

  it("gains nothing in the house's own globals", function()
    local said = run("", { before = [[
      -- as if it had got out
      env.try("open", _G.io.open, "/etc/passwd")
      env.try("lines", _G.io.lines, "/etc/passwd")
      env.try("input", _G.io.input, "/etc/passwd")
      env.try("output", _G.io.output, "elsewhere")
      env.try("popen", _G.io.popen, "touch out/ran")
      env.try("execute", _G.os.execute, "touch out/ran")
      env.try("remove", _G.os.remove, "stranger.lua")
      env.try("rename", _G.os.rename, "stranger.lua", "out/x")
      env.try("tmpname", _G.os.tmpname)
      env.try("tmpfile", _G.io.tmpfile)
      env.try("loadlib", _G.package.loadlib, "libc.so.6", "system")
      env.try("loadfile", _G.loadfile, "stranger.lua")
      env.try("dofile", _G.dofile, "stranger.lua")
      env.try("code", function() return select(2, _G.load("\27Lua", "x", "b")) end)
      env.try("listener", core.listener.new, {})
      env.try("call", core.http.request, { url = second.url })
      env.try("client", function()
        core.client.new { base_url = second.url, ims_url = second.url, org = "o", sandbox = "s", token = "t" }
          :request { path = "/x" }
      end)
      env.try("module", require, "lfs")
      env.try("debug", function()
        local names = {}
        for name in pairs(debug) do names[#names + 1] = name end
        return table.concat(names, " ")
      end)
      env.try("dump", function() return string.dump end)
      package.cpath = "/usr/lib/x86_64-linux-gnu/lua/5.4/?.so;/usr/lib/x86_64-linux-gnu/lua/5.4/?.so"
      env.try("C", require, "term.core")
    ]] })
    for _, label in ipairs { "open", "lines", "input", "output", "popen", "execute", "remove", "rename", "tmpname",
      "tmpfile", "loadlib", "loadfile", "dofile", "listener", "call", "client" } do
      assert.is_truthy(said[label]:find("^! permission: not permitted"), label .. ": " .. said[label])
    end
    assert.equal("attempt to load a binary chunk (mode is 't')", said.code)
    assert.equal("traceback", said.debug)
    assert.equal("nil", said.dump)
    assert.is_truthy(said.module:find("! module 'lfs' not found", 1, true))
    assert.is_nil(child.read(folder .. "/out/ran"))
    assert.is_truthy(child.read(folder .. "/stranger.lua"))
  end)
end)
