--- The prompt at a terminal: what keys do, what is shown, what stays.

local program = require "support.program"
local tmux = require "support.tmux"

--- A terminal with the prompt on an emulator.
local function prompt(options)
  local terminal = tmux.start({ "repl", "--emulate", "--clock", "2030-01-01T00:00Z" }, options)
  terminal:at_prompt()
  return terminal
end

local function history_of(home, name)
  return program.read(home .. "/.local/state/sluice/history/" .. name)
end

describe("the prompt at a terminal", function()
  teardown(program.clean)

  it("greets, shows where it is, prints values and keeps them", function()
    local terminal <close> = prompt()
    local screen = terminal:enter "1 + 1"
    assert.is_truthy(screen:find "^\n%-%- Sluice [%d.]+, Lua 5.4; :help explains")
    assert.is_truthy(screen:find("\n-- emulator: sandbox prod at http://127.0.0.1:", 1, true))
    assert.is_truthy(screen:find("\nemulator:prod> 1 + 1\n_1 = 2\n", 1, true))
    assert.is_truthy(terminal:enter("_ + _1"):find("\n_2 = 4\n", 1, true))
  end)

  it("is what sluice alone starts", function()
    local terminal <close> = tmux.start {}
    local screen = terminal:at_prompt()
    assert.is_truthy(screen:find("not connected: no credentials", 1, true), screen)
    assert.is_truthy(screen:find("\noffline> \n$", 1), screen)
    assert.is_truthy(terminal:enter("aep.flows"):find("error: no credentials", 1, true))
    assert.is_truthy(terminal:enter(":emulate"):find "\nemulator:prod> \n$")
    assert.is_truthy(terminal:enter("#aep.sandboxes:list()"):find("\n_1 = 3\n", 1, true))
  end)

  it("ends with Ctrl-D and with :quit", function()
    for _, keys in ipairs { { "C-d" }, { ":quit", "Enter" }, { "exit", "Enter" } } do
      local terminal <close> = prompt()
      terminal:press(table.unpack(keys))
      terminal:sees "ended with 0"
    end
  end)

  it("ends with code 143 when it is told to end", function()
    local terminal <close> = prompt()
    terminal:type 'os.execute "kill -TERM $PPID"'
    terminal:press "Enter"
    terminal:sees "ended with 143"
  end)

  it("completes without running anything", function()
    local terminal <close> = prompt()
    terminal:enter "trap = setmetatable({}, { __index = function() ran = true end })"
    terminal:type "aep.fl"
    terminal:press "Tab"
    terminal:at_prompt "aep.flow"
    terminal:type "s:up"
    terminal:press "Tab"
    terminal:at_prompt "aep.flows:update"
    terminal:press "C-u"
    terminal:type "aep.flows:"
    terminal:press "Tab"
    assert.is_truthy(terminal:sees("\ncreate "):find "update\n")
    terminal:press "C-u"
    terminal:type "trap.x"
    terminal:press("Tab", "C-u")
    assert.is_truthy(terminal:enter("ran"):find("\nnil\n", 1, true))
    terminal:type ":sandbox d"
    terminal:press("Tab", "C-u")
    terminal:enter "aep.sandboxes:list()"
    terminal:type ":sandbox d"
    terminal:press "Tab"
    terminal:at_prompt ":sandbox dev"
  end)

  it("completes files, modules, destinations and names that were seen", function()
    local home = program.folder()
    program.write(home, "example.lua", "")
    local terminal <close> = prompt { home = home }
    for _, row in ipairs {
      { 'io.open "' .. home .. '/exa', '/example.lua' }, { 'require "sluice.sugg', 'require "sluice.suggest"' },
      { 'sluice.destination { type = "adobe', 'type = "adobe-campaign"' },
    } do
      terminal:type(row[1])
      terminal:press "Tab"
      terminal:sees(row[2])
      terminal:press "C-u"
    end
    terminal:enter 'aep.audiences:list { name = "Abandoned" }'
    terminal:type 'aep.audiences:find { name = "Aband'
    terminal:press "Tab"
    terminal:at_prompt 'aep.audiences:find { name = "Abandoned carts"'
  end)

  it("keeps its history from session to session, per profile, for its owner alone", function()
    local home = program.folder()
    do
      local terminal <close> = prompt { home = home }
      terminal:enter "first = 'of all'"
      terminal:enter "for i = 1, 2 do\n  print(i) end"
      terminal:enter " unkept = 1"
      terminal:enter 's = sluice.secret.new("word", "open sesame")'
      terminal:enter '#"say open sesame"'
      terminal:enter 'd = sluice.destination { auth = { password = "tell-nobody" } }'
      terminal:press "C-d"
      terminal:sees "ended with 0"
    end
    local kept = history_of(home, "emulator")
    assert.are.equal("first = 'of all'\nfor i = 1, 2 do\\n  print(i) end\n", kept)
    local pipe <close> = assert(io.popen(("stat -c %%a %s/.local/state/sluice/history/emulator"):format(home)))
    assert.are.equal("600", pipe:read "l")

    local terminal <close> = prompt { home = home }
    terminal:press "Up"
    terminal:sees "emulator:prod> for i = 1, 2 do\n  print(i) end"
    terminal:press("Up", "Up")
    terminal:at_prompt "first = 'of all'"
    terminal:press("C-u", "C-r")
    terminal:type "irst"
    terminal:sees "bck:irst"
    terminal:press "Enter"
    assert.is_truthy(terminal:enter("first"):find('"of all"', 1, true))
  end)

  it("reads several lines until they are complete", function()
    local terminal <close> = prompt()
    terminal:type "function twice(x)"
    terminal:press "Enter"
    terminal:type "return 2 * x"
    terminal:press "Enter"
    terminal:type "end"
    terminal:press "Enter"
    terminal:at_prompt()
    assert.is_truthy(terminal:enter("twice(21)"):find("_1 = 42", 1, true))
    terminal:type "a = 1"
    terminal:press "M-Enter"
    terminal:type "b = a + 1"
    terminal:press "Enter"
    assert.is_truthy(terminal:enter("b"):find("_2 = 2", 1, true))
  end)

  it("takes a paste as one text, whatever is in it", function()
    local terminal <close> = prompt()
    terminal:paste "local names = {}\nfor i = 1, 3 do\n\tnames[i] = 'nämé ' .. i\nend\n"
    terminal:sees "nämé"
    assert.is_nil(terminal:screen():find("names = nil", 1, true))
    terminal:press "Enter"
    assert.is_truthy(terminal:enter("names[3]"):find('_1 = "nämé 3"', 1, true))
  end)

  it("ends with Ctrl-C what runs, and goes on with everything alive", function()
    local terminal <close> = prompt()
    local asking = { "while true do aep.flows:list() end", 1 } -- it may meet the client or the emulator
    for i, row in ipairs {
      { "while true do end", 1 }, asking, asking, asking, asking,
      { "while true do pcall(function() while true do end end) end", 2 },
      { "coroutine.wrap(function() while true do end end)()", 1 },
      { "sluice.sleep(600)", 1 },
      { "sluice.all { function() sluice.sleep(600) end, function() while true do end end }", 1 },
    } do
      local before = terminal:at_prompt()
      terminal:type(("print 'busy %d' %s"):format(i, row[1]))
      terminal:press "Enter"
      terminal:sees(("\nbusy %d\n"):format(i))
      for _ = 1, row[2] do
        terminal:press "C-c"
        os.execute "sleep 0.2" -- two signals at the same moment are one
      end
      local screen = terminal:at_prompt(nil, before)
      assert.are.equal(i, select(2, screen:gsub("%-%- interrupted\n", "")), screen)
    end
    assert.is_truthy(terminal:enter("#aep.sandboxes:list()"):find("_1 = 3", 1, true))
  end)

  it("ends with Ctrl-C a request that waits for its answer", function()
    local terminal <close> = prompt()
    terminal:enter ":emulate latency=600"
    terminal:type "print 'busy' aep.flows:list()"
    terminal:press "Enter"
    terminal:sees "\nbusy\n"
    terminal:press "C-c"
    terminal:sees "-- interrupted"
    assert.is_truthy(terminal:enter("6 * 7"):find("_1 = 42", 1, true))
  end)

  it("forgets with Ctrl-C what was typed", function()
    local terminal <close> = prompt()
    terminal:type "half a"
    terminal:at_prompt "half a"
    terminal:press "C-c"
    terminal:sees "> half a\nemulator:prod>"
    assert.is_truthy(terminal:enter("6 * 7"):find("_1 = 42", 1, true))
  end)

  it("shows resources as a table that fits", function()
    local terminal <close> = prompt { columns = 60 }
    local screen = terminal:enter "aep.sandboxes:list()"
    assert.is_truthy(screen:find("\n_1 =\n   NAME   STATE   TYPE         UPDATED\n1  prod   active  prod", 1, true))
    screen = terminal:enter "aep.connection_specs:list()"
    assert.is_truthy(screen:find "\n%d+ +Salesforce Market…  %x+%-")
    for line in screen:gmatch "[^\n]+" do assert.is_true(utf8.len(line) <= 60, line) end
  end)

  it("lets nothing foreign steer the terminal", function()
    local terminal <close> = prompt()
    local evil = [["a\27[2Jb\27]0;title\7c\u{202e}d\u{9b}31m"]]
    local screen = terminal:enter(evil)
    assert.is_truthy(screen:find([["a\x1b[2Jb\x1b]0;title\ac\u{202e}d\u{9b}31m"]], 1, true), screen)
    screen = terminal:enter("print(" .. evil .. ")")
    assert.is_truthy(screen:find([[a\x1b[2Jb\x1b]0;title\ac]], 1, true))
    screen = terminal:enter("error(" .. evil .. ")")
    assert.is_truthy(screen:find([[error: prompt:1: a\x1b[2Jb]], 1, true))
    screen = terminal:enter("{ { id = 'i', name = " .. evil .. " } }")
    assert.is_truthy(screen:find([[1  a\x1b[2Jb]], 1, true))
  end)

  it("uses the pager for what is long", function()
    local terminal <close> = prompt { rows = 12, env = { PAGER = "sed -n '$s/^/paged /p'" } }
    terminal:type "list = {} for i = 1, 40 do list[i] = { i } end return list"
    terminal:press "Enter"
    terminal:sees "paged }"
    assert.is_truthy(terminal:enter("{ 1 }"):find("_2 = { 1 }", 1, true))
  end)

  it("colours on a terminal, and not with NO_COLOR", function()
    local terminal <close> = prompt()
    terminal:enter '"text"'
    assert.is_truthy(terminal:coloured_screen():find '\27%[32m.?[^\n]*"text"')
    local plain <close> = prompt { env = { NO_COLOR = "1" } }
    plain:enter '"text"'
    assert.is_nil(plain:coloured_screen():find("\27[3", 1, true))
  end)

  it("edits the last input in the user's editor, and the current one", function()
    local terminal <close> = prompt { env = { EDITOR = "sed -i s/one/two/" } }
    terminal:enter 'word = "one"'
    terminal:type ":edit"
    terminal:press "Enter"
    terminal:at_prompt 'word = "two"'
    terminal:press "C-u"
    terminal:type 'word = "no, one"'
    terminal:press("C-x", "C-e")
    terminal:at_prompt 'word = "no, two"'
    terminal:press "Enter"
    assert.is_truthy(terminal:enter("word"):find('_1 = "no, two"', 1, true))
  end)

  it("has vi's keys", function()
    local terminal <close> = tmux.start { "repl", "--emulate", "--keys", "vi" }
    terminal:at_prompt()
    terminal:type "1 + 11"
    terminal:press "Escape"
    terminal:type "x"
    terminal:press "Enter"
    terminal:sees "_1 = 2"
    terminal:at_prompt()
    terminal:press "Escape"
    terminal:type "k"
    terminal:at_prompt "1 + 1"
  end)

  it("redraws when the terminal changes its size", function()
    local terminal <close> = prompt()
    terminal:type "some = 'words'"
    terminal:resize(50, 20)
    terminal:at_prompt "some = 'words'"
    terminal:press "Enter"
    assert.is_truthy(terminal:enter("some"):find('_1 = "words"', 1, true))
  end)

  it("marks production in the prompt, and shows the profile", function()
    local home, server <close> = program.folder(), program.emulate()
    os.execute("mkdir -p " .. home .. "/.config/sluice/profiles")
    program.write(home .. "/.config/sluice/profiles", "live.json", ([[{ "org_id": "%s", "client_id": "me",
      "secret": "%s", "scopes": "openid", "tech_id": "x@techacct.adobe.com" }]]):format(
      program.CREDENTIALS.AEP_ORG_ID, program.SECRET))
    local terminal <close> = tmux.start({ "repl", "--profile", "live", "--base-url", server.url, "--ims-url",
      server.url }, { home = home })
    local screen = terminal:at_prompt()
    assert.is_truthy(screen:find "\n PRODUCTION live:prod > \n$", screen)
    assert.is_truthy(terminal:coloured_screen():find "\27%[[%d;]*41m PRODUCTION live:prod ")
    assert.is_truthy(terminal:enter(":sandbox dev"):find "\nlive:dev> \n$")
    terminal:enter "aep.flows:list()"
    assert.is_truthy(history_of(home, "live"):find("aep.flows:list()\n", 1, true))
    assert.is_nil(terminal:screen():find(program.SECRET, 1, true))
  end)

  it("asks once, after a call that went well, whether a sandbox is for production", function()
    local script = program.write(program.folder(), "server.lua", [[
      local server = require("sluice.emulator").start { sandboxes = "prod,live" }
      local handle = server.emulator.handle
      function server.emulator:handle(exchange)
        local status, headers, body = handle(self, exchange)
        if exchange.path:find "sandboxes/live$" then print "asked" io.stdout:flush() end
        return status, headers, body:gsub('"development"', '"production"')
      end
      print(server.url) io.stdout:flush()
      require("sluice").sleep(60)]])
    local server <close> = program.start { script }
    assert.is_true(server:says "http")
    local url = server:output():match "%S+"
    local terminal <close> = tmux.start({ "repl", "--sandbox", "live", "--base-url", url, "--ims-url", url },
      { env = program.CREDENTIALS })
    assert.is_truthy(terminal:at_prompt():find "\nenvironment:live> \n$")
    assert.is_truthy(terminal:enter("aep.flows:get 'none'"):find "\nenvironment:live> \n$")
    assert.is_truthy(terminal:enter("aep.flows:list()"):find "\n PRODUCTION environment:live > \n$")
    terminal:enter "aep.flows:list()"
    assert.are.equal(1, select(2, server:output():gsub("asked", "")))
  end)

  it("prints values alone where they go to a file", function()
    local folder = program.folder()
    local script = program.write(folder, "start.sh",
      ("exec %s repl --emulate >%s/out\n"):format(program.PATH, folder))
    local terminal <close> = tmux.start({ script }, { program = "/bin/sh" })
    terminal:enter "{ 1, 'a' }"
    assert.are.equal('{ 1, "a" }\n', program.read(folder .. "/out"))
  end)

  it("makes do with a terminal that can do nothing", function()
    local terminal <close> = tmux.start({ "repl", "--emulate" }, { env = { TERM = "dumb" } })
    terminal:at_prompt()
    assert.is_truthy(terminal:enter("{ 'a' }"):find('\n_1 = { "a" }\n', 1, true))
    terminal:press "C-d"
    terminal:sees "ended with 0"
  end)

  it("says what was meant", function()
    local terminal <close> = prompt()
    assert.is_truthy(terminal:enter("aep.flow"):find("\nnil\n-- did you mean 'flows'?\n", 1, true))
    assert.is_truthy(terminal:enter("aep.flow:list()"):find("\n  did you mean 'flows'?\n", 1, true))
    assert.is_truthy(terminal:enter("aep.flows:lsit()"):find("did you mean 'list'?", 1, true))
    assert.is_truthy(terminal:enter("sluice.pach()"):find("\n  did you mean 'patch'?\n", 1, true))
    assert.is_truthy(terminal:enter(":sav"):find("error: :save: expected a file (:save FILE)", 1, true))
    assert.is_truthy(terminal:enter(":hlep"):find("did you mean :help?", 1, true))
  end)
end)
