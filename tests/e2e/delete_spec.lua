--- `sluice delete`, `enable`, `disable`, `export-now`: what changes, what is shared, what is lost on the way, and who
--- is asked.

local core = require "sluice.core"
local crowd = require "support.crowd"
local harmless = require "support.harmless"
local program = require "support.program"
local tmux = require "support.tmux"

local function run(org, ...) return program.run({ ... }, { env = org.env }) end

local function runs(org, ...)
  local result = run(org, ...)
  assert.equal(0, result.code, result.err)
  harmless.check(result.out .. result.err)
  return result.out, result.err
end

--- Ends with this code; its last line is one clear sentence with these parts.
local function refused(code, org, words, ...)
  local result = run(org, table.unpack(words))
  assert.equal(code, result.code, result.err)
  local line = ("\n" .. result.err):match "\n(sluice: [^\n]+)\n$"
  assert.truthy(line, result.err)
  for _, text in ipairs { ... } do assert.truthy(line:find(text, 1, true), line) end
  harmless.check(result.err)
  return result
end

--- How many there are of each kind.
local function counts(org)
  local tree = core.json.decode((runs(org, "tree", "--json")))
  return { tree.counts.flows, tree.counts.target_connections, tree.counts.source_connections, #tree.accounts }
end

local function id(kind, i) return crowd.id(kind, i) end

describe("sluice delete", function()
  teardown(program.clean)

  it("deletes a dataflow alone, of a thousand", function()
    local org <close> = crowd.start { flows = 1000 }
    local out, err = runs(org, "delete", "--yes", crowd.flow_name(500))
    assert.equal(("deleted dataflow Flow 00500 (%s)\n"):format(id("flows", 500)), out)
    assert.matches("^To be deleted, in this order\n  dataflow           Flow 00500 %([%x-]+%)\n$", err)
    assert.same({ 999, 1000, 1000, 100 }, counts(org))
    assert.equal("", (select(2, runs(org, "delete", "--yes", "--quiet", crowd.flow_name(501)))))
  end)

  it("with connections leaves what others use, and says who they are", function()
    local org <close> = crowd.start { flows = 12 }
    local out, err = runs(org, "delete", "--yes", "--with-connections", crowd.flow_name(1))
    assert.same({ "dataflow", "target", "source" }, { out:match "^deleted (%a+) .-\ndeleted (%a+) .-\ndeleted (%a+) " })
    assert.matches("Flow 00001 %([%x-]+%)\n +enabled: it exports until it is deleted\n", err)
    assert.matches('\nStays\n  account            Account 0001 %([%x-]+%)\n +used by target connection '
      .. '"Target 00002" %([%x-]+%) and 8 more\n$', err)
    assert.same({ 11, 11, 11, 2 }, counts(org))
    local names = {}
    for i = 11, 12 do names[#names + 1] = crowd.flow_name(i) end
    out = runs(org, "delete", "--yes", "--json", "--with-connections", table.unpack(names))
    local document = core.json.decode(out)
    assert.same({ 7, 0, 0 }, { #document.results, #document.kept, #document.not_found })
    assert.same({ kind = "account", id = id("connections", 2), name = "Account 0002", result = "deleted" },
      document.results[7])
    assert.same({ 9, 9, 9, 1 }, counts(org))
  end)

  it("refuses what others use, and deletes nothing", function()
    local org <close> = crowd.start { flows = 3 }
    for _, words in ipairs { {}, { "--with-connections" } } do
      refused(4, org, { "delete", "--yes", crowd.account_name(1), table.unpack(words) },
        'account "Account 0001" (' .. id("connections", 1) .. ") is used by target connection", "and 2 more",
        "nothing was deleted")
      refused(4, org, { "delete", "--yes", crowd.flow_name(2), id("targetConnections", 1), table.unpack(words) },
        'target connection "Target 00001" (', ') is used by dataflow "Flow 00001" (' .. id("flows", 1) .. ")")
    end
    assert.same({ 3, 3, 3, 1 }, counts(org))
  end)

  it("removes orphans as the tree says", function()
    local org <close> = crowd.start { flows = 2, orphans = 2 }
    for words in runs(org, "tree"):match("\nOrphans: 6\n.*$"):gmatch "\n    sluice ([^\n]+)" do
      local list = { "--yes" }
      for word in words:gmatch "%S+" do table.insert(list, #list, word) end
      runs(org, table.unpack(list))
    end
    assert.same({ 2, 2, 2, 1 }, counts(org))
    assert.is_nil(runs(org, "tree"):find("rphan", 1, true))
  end)

  it("asks at a terminal, and takes anything but yes for no", function()
    local org <close> = crowd.start { flows = 3 }
    for _, keys in ipairs { { "n", "Enter" }, { "Enter" }, { "C-d" }, { "C-c" } } do
      local terminal <close> = tmux.start({ "delete", crowd.flow_name(1) }, { env = org.env, columns = 150 })
      local screen = terminal:sees "[y/N]"
      assert.matches("^To be deleted, in this order\n  dataflow           Flow 00001", screen)
      assert.truthy(screen:find('\ndelete dataflow "Flow 00001" (' .. id("flows", 1) .. "), which is enabled? [y/N]", 1,
        true), screen)
      terminal:press(table.unpack(keys))
      terminal:sees(keys[1] == "C-c" and "ended with 130" or "ended with 1")
    end
    assert.equal(3, counts(org)[1])
    local terminal <close> = tmux.start({ "delete", crowd.flow_name(1), crowd.flow_name(3), "--with-connections" },
      { env = org.env, columns = 150 })
    terminal:sees "delete these 6, among them 2 enabled dataflows? [y/N]"
    terminal:type "y"
    terminal:press "Enter"
    assert.matches("\ndeleted source connection Source 00003 [^\n]+\nended with 0\n$", terminal:sees "ended with")
    assert.same({ 1, 1, 1, 1 }, counts(org))
  end)

  it("looks again when the answer has come, and deletes nothing but what it showed", function()
    local org <close> = crowd.start { flows = 4 }
    local words = { "delete", crowd.flow_name(1), crowd.account_name(1), "--with-connections" }
    for i = 2, 4 do words[#words + 1] = crowd.flow_name(i) end
    local terminal <close> = tmux.start(words, { env = org.env, columns = 150 })
    terminal:sees "delete these 13, among them 3 enabled dataflows? [y/N]"
    runs(org, "delete", "--yes", crowd.flow_name(2))
    runs(org, "delete", "--yes", id("targetConnections", 2))
    terminal:type "y"
    terminal:press "Enter"
    local screen = terminal:sees "ended with 4"
    assert.truthy(screen:find('source connection or account called "Flow 00002"', 1, true), screen)
    assert.same({ 3, 3, 4, 1 }, counts(org))
    words = { "delete", id("flows", 1), id("flows", 3), "--with-connections" }
    local other <close> = tmux.start(words, { env = org.env, columns = 150 })
    other:sees "delete these 6, among them 2 enabled dataflows? [y/N]"
    runs(org, "delete", "--yes", id("flows", 3))
    other:type "y"
    other:press "Enter"
    screen = other:sees "ended with 4"
    assert.truthy(screen:find("changed while you were asked; nothing was deleted (try again", 1, true), screen)
    assert.same({ 2, 3, 4, 1 }, counts(org))
  end)

  it("without a terminal wants --yes", function()
    local org <close> = crowd.start { flows = 1 }
    refused(2, org, { "delete", crowd.flow_name(1) },
      "nothing was done, for there is no terminal to ask at (--yes says that you mean it)")
    assert.equal(1, counts(org)[1])
  end)

  it("shows what it would do, and does nothing", function()
    local org <close> = crowd.start { flows = 1 }
    local out, err = runs(org, "delete", "--dry-run", "--with-connections", crowd.flow_name(1))
    assert.matches("^would delete dataflow .-\nwould delete target connection .-\nwould delete source connection .-\n"
      .. "would delete account Account 0001 %([%x-]+%)\n$", out)
    assert.matches("\ndry run: 4 writes not sent, nothing was changed\n$", err)
    assert.same({ 1, 1, 1, 1 }, counts(org))
  end)

  it("finds out what became of a deletion whose answer was lost", function()
    local faults = core.json.array { "flows.delete:nth=1:reset-after", "target_connections.delete:nth=1:503-after",
      "connections.delete:nth=1:truncated" }
    local org <close> = crowd.start { flows = 1, emulator = { faults = faults } }
    local out = runs(org, "delete", "--yes", "--with-connections", crowd.flow_name(1))
    assert.equal(4, select(2, out:gsub("deleted ", "")))
    assert.same({ 0, 0, 0, 0 }, counts(org))
  end)

  it("says what stands when the end is in doubt, and the command it names goes on", function()
    local faults = core.json.array { "source_connections.delete:nth=1-2:reset-after",
      "source_connections.get:nth=2-5:reset" }
    local org <close> = crowd.start { flows = 1, emulator = { faults = faults } }
    local result = refused(5, org, { "delete", "--yes", "--with-connections", "--attempts", "2", "--sandbox", "prod",
      crowd.flow_name(1) }, "2 of 4 deleted, and whether source connection", "is not known")
    assert.matches("^deleted dataflow [^\n]+\ndeleted target connection [^\n]+\n$", result.out)
    local rest = ("delete --sandbox prod %s %s"):format(id("sourceConnections", 1), id("connections", 1))
    assert.matches("\nStopped half%-way\n  deleted      dataflow Flow 00001 .-\n  deleted      target .-\n"
      .. "  not known    source .-\n  still there  account Account 0001 [^\n]+\n\nTo go on: sluice "
      .. rest:gsub("%-", "%%-") .. "\n\nsluice: ", result.err)
    local words = { "--yes" }
    for word in rest:gmatch "%S+" do table.insert(words, #words, word) end
    local out, err = runs(org, table.unpack(words))
    assert.equal(("deleted account Account 0001 (%s)\n"):format(id("connections", 1)), out)
    assert.truthy(err:find("nothing has the ID " .. id("sourceConnections", 1), 1, true), err)
    assert.same({ 0, 0, 0, 0 }, counts(org))
  end)

  it("says what stands when it may not delete, or somebody ends it", function()
    local faults = core.json.array { "target_connections.delete:403" }
    local org <close> = crowd.start { flows = 2, emulator = { faults = faults } }
    local result = refused(4, org, { "delete", "--yes", "--with-connections", crowd.flow_name(1) }, "403",
      "1 of 3 deleted")
    assert.matches("\n  still there  target connection Target 00001 ", result.err)
    result = refused(4, org, { "delete", "--yes", "--json", "--with-connections", crowd.flow_name(2) },
      "1 of 3 deleted")
    local told = {}
    for i, entry in ipairs(core.json.decode(result.out).results) do told[i] = entry.kind .. " " .. entry.result end
    assert.same({ "flow deleted", "target_connection left", "source_connection left" }, told)
    faults = core.json.array { "target_connections.delete:delay=30" }
    local slow <close> = crowd.start { flows = 2, emulator = { faults = faults } }
    local process <close> = program.start({ "delete", "--yes", "--with-connections", crowd.flow_name(1) },
      { env = slow.env })
    assert.is_true(process:says "deleted dataflow")
    process:signal "INT"
    assert.equal(130, process:wait())
    assert.matches("\n  not known    target connection Target 00001 [^\n]+\n  still there  source .*\nTo go on: "
      .. "sluice delete [%x-]+ [%x-]+\n\nsluice: interrupted; 1 of 3 deleted, and whether [^\n]+ is not known\n$",
      process:errors())
  end)

  it("takes what is gone for deleted, and a wrong name for a mistake", function()
    local org <close> = crowd.start { flows = 2 }
    for _ = 1, 2 do
      runs(org, "delete", "--yes", "--with-connections", id("flows", 1))
    end
    local out, err = runs(org, "delete", "--yes", "--json", id("flows", 1))
    assert.same({ results = {}, kept = {}, not_found = { id("flows", 1) } }, core.json.decode(out))
    assert.equal(("nothing has the ID %s (any more): there is nothing to delete\n"):format(id("flows", 1)), err)
    refused(4, org, { "delete", "--yes", crowd.flow_name(1) }, 'called "Flow 00001"', 'did you mean "Flow 00002"?')
    refused(2, org, { "delete", "--yes" }, "NAME")
  end)

  it("takes careful names, and lets none steer the terminal", function()
    local org <close> = crowd.start { flows = 120, careful = true }
    for i, name in ipairs(crowd.CAREFUL) do
      refused(4, org, { "delete", "--yes", "--", name }, "2 are called", "dataflow " .. id("flows", i))
    end
    local words = { "delete", "--yes", "--with-connections" }
    for i = 1, 10 do words[#words + 1] = id("flows", i) end
    assert.matches("\ndeleted account Grüße aus Köln – 東京 🎉 %(", (runs(org, table.unpack(words))))
  end)

  it("wants a protected profile's sandbox named, and so do the others that write", function()
    local org <close> = crowd.start { flows = 3 }
    local home = program.folder()
    local env = { XDG_CONFIG_HOME = home, XDG_STATE_HOME = home, LIVE = program.SECRET, AEP_BASE_URL = org.url,
      AEP_IMS_URL = org.url }
    local live = { env = env }
    runs(live, "config", "set", "live", "org_id=0123456789ABCDEF01234567@AdobeOrg", "client_id=client-id",
      "secret=env:LIVE", "scopes=openid", "protected=true")
    for _, words in ipairs { { "delete", crowd.flow_name(1), "--yes" }, { "disable", crowd.flow_name(2) } } do
      table.insert(words, "--profile=live")
      refused(2, live, words, "is protected, and nothing was written in sandbox prod", "--yes-production prod")
      runs(live, table.unpack(table.move({ "--yes-production", "prod", "--dry-run" }, 1, 3, #words + 1, words)))
      words[#words] = nil
      runs(live, table.unpack(words))
    end
    assert.same({ 2, 3, 3, 1 }, counts(org))
  end)

  it("has nothing to delete in an empty organisation", function()
    local org <close> = crowd.start { empty = true }
    refused(4, org, { "delete", "--yes", "anything" },
      'there is no dataflow, target connection, source connection or account called "anything"')
  end)
end)

describe("sluice enable and sluice disable", function()
  local org
  setup(function() org = crowd.start { flows = 1000, careful = true } end)
  teardown(function()
    org:__close()
    program.clean()
  end)

  it("say what changed, and what was so already", function()
    local a, b = crowd.flow_name(13), crowd.flow_name(16) -- every fourth is disabled
    local function line(words, i)
      return ("%s: dataflow %s (%s)\n"):format(words, crowd.flow_name(i), id("flows", i))
    end
    assert.equal(line("disabled", 13) .. line("already disabled", 16), (runs(org, "disable", a, b)))
    assert.equal(line("already disabled", 13) .. line("already disabled", 16), (runs(org, "disable", a, b)))
    local document = core.json.decode((runs(org, "enable", "--json", a, id("flows", 16), b, crowd.flow_name(17))))
    assert.same({ { id = id("flows", 13), name = a, result = "enabled", state = "enabled" },
      { id = id("flows", 16), name = b, result = "enabled", state = "enabled" },
      { id = id("flows", 17), name = crowd.flow_name(17), result = "unchanged", state = "enabled" } }, document.results)
  end)

  it("look all names up before they change anything", function()
    refused(4, org, { "disable", crowd.flow_name(21), "Flow 00o22" }, 'did you mean "Flow 000')
    assert.matches("already enabled", (runs(org, "enable", crowd.flow_name(21))))
    refused(2, org, { "disable" }, "FLOW")
  end)

  it("take careful names", function()
    for i, name in ipairs(crowd.CAREFUL) do
      local out = runs(org, i % 4 == 0 and "enable" or "disable", "--", name)
      assert.truthy(out:find(id("flows", i), 1, true), out)
    end
  end)

  it("show what they would do, and do nothing", function()
    local out, err = runs(org, "disable", "--dry-run", crowd.flow_name(25))
    assert.matches("^would be disabled: ", out)
    assert.matches("dry run, not sent: POST /data/foundation/flowservice/flows/[%x-]+/action%?op=disable", err)
    assert.matches("already enabled", (runs(org, "enable", crowd.flow_name(25))))
  end)

  it("find out what became of a switch whose answer was lost, and say what is not done", function()
    local faults = core.json.array { "flows.action:nth=1:reset-after", "flows.action:nth=3:403" }
    local bad <close> = crowd.start { flows = 12, emulator = { faults = faults } }
    assert.matches("^disabled: ", (runs(bad, "disable", crowd.flow_name(1))))
    local result = refused(4, bad, { "enable", crowd.flow_name(1), crowd.flow_name(4), crowd.flow_name(8) }, "403",
      'enabled before: dataflow "Flow 00001"', 'not tried: dataflow "Flow 00008"')
    assert.matches("^enabled: dataflow Flow 00001 [^\n]+\n$", result.out)
    faults = core.json.array { "flows.action:nth=2:403" }
    local closed <close> = crowd.start { flows = 3, emulator = { faults = faults } }
    local names = { crowd.flow_name(1), crowd.flow_name(2), crowd.flow_name(3) }
    result = refused(4, closed, { "disable", "--json", table.unpack(names) }, "403")
    local told = {}
    for i, entry in ipairs(core.json.decode(result.out).results) do told[i] = entry.name .. " " .. entry.result end
    assert.same({ "Flow 00001 disabled", "Flow 00002 failed", "Flow 00003 left" }, told)
    faults = core.json.array { "flows.action:nth=2:delay=30" }
    local slow <close> = crowd.start { flows = 3, emulator = { faults = faults } }
    local process <close> = program.start({ "disable", crowd.flow_name(3), crowd.flow_name(1), crowd.flow_name(2) },
      { env = slow.env })
    assert.is_true(process:says "disabled: ")
    process:signal "INT"
    assert.equal(130, process:wait())
    assert.matches('^sluice: interrupted;.* disabled before: dataflow "Flow 00003" [^;]+; '
      .. 'stopped at: dataflow "Flow 00001" [^;]+; not tried: dataflow "Flow 00002" [^;]+\n$', process:errors())
  end)

  it("say what permission is missing", function()
    local closed <close> = crowd.start { flows = 2, emulator = { permissions = "view-destinations" } }
    refused(4, closed, { "disable", crowd.flow_name(1) }, "403 2118-403", "is enabled")
  end)
end)

--- Waits until a file holds a pattern.
local function await(path, text)
  for _ = 1, 500 do
    if (program.read(path) or ""):find(text) then return end
    os.execute "sleep 0.02"
  end
  error(text .. " never came to " .. path)
end

describe("sluice export-now", function()
  teardown(program.clean)

  local NAME = "Loyal customers to Campaign"

  --- A service with a dataflow whose audiences can be exported today.
  local function live(...)
    local server = program.emulate { "--seed", "1", ... }
    server.env = { AEP_BASE_URL = server.url, AEP_IMS_URL = server.url }
    for name, value in pairs(program.CREDENTIALS) do server.env[name] = value end
    local path = program.write(program.folder(), "live.lua", ([[
      local sluice = require "sluice"
      local function audience(name)
        return { name = name, filename = "%%DESTINATION_NAME%%_%%SEGMENT_ID%%_%%TIMESTAMP%%",
          schedule = sluice.schedule.once { at = "00:00", on = os.date "!%%Y-%%m-%%d", past = true } }
      end
      sluice.destination({ name = %q, type = "adobe-campaign",
        auth = { domain = "d", host = "h", username = "u", password = "p" }, target = { remotePath = "/in" },
        audiences = { audience "Loyal customers", audience "New subscribers" },
        attributes = { "person.name.firstName" } }):apply(sluice.connect())]]):format(NAME))
    runs(server, "run", path)
    return server
  end

  it("exports audiences by name and ID, and tells what came of each", function()
    local server <close> = live()
    local out = runs(server, "export-now", NAME, "Loyal customers")
    assert.matches("^exported audience 'Loyal customers' %(id [%x-]+%): success, 0 records in 0 files\n$", out)
    local document = core.json.decode((runs(server, "export-now", "--json", NAME, "--all")))
    assert.same({ NAME, 2, "success" }, { document.flow.name, #document.runs, document.runs[1].status })
    out = runs(server, "export-now", document.flow.id, document.runs[2].audience, "--no-wait")
    assert.matches("^started the export of audience 'New subscribers' %(id [%x-]+%)\n$", out)
    assert.matches("\nLast runs, times in UTC: 4\n", (runs(server, "show", NAME)))
  end)

  it("sends nothing in a dry run", function()
    local server <close> = live()
    local _, err = runs(server, "export-now", "--dry-run", NAME, "Loyal customers")
    assert.matches("dry run, not sent: POST /data/core/activation/disflowprovider/adhocrun", err)
    assert.matches("\nLast runs, times in UTC: none\n", (runs(server, "show", NAME)))
  end)

  it("does not wait for ever, and says what goes on by itself", function()
    local journal = program.folder() .. "/journal"
    local server <close> = live("--adhoc-seconds", "600", "--journal", journal)
    refused(5, server, { "export-now", "--deadline", "1", NAME, "Loyal customers" }, "Loyal customers (run ")
    local process <close> = program.start({ "export-now", NAME, "New subscribers" }, { env = server.env })
    await(journal, '"adhoc%.run".*"adhoc%.run".*"runs%.get"') -- it waits for its run
    process:signal "INT"
    assert.equal(130, process:wait())
    assert.matches("^sluice: interrupted; started so far: New subscribers %(run [%x-]+%)\n$", process:errors())
  end)

  it("wants names of audiences that are in the dataflow, and a schedule that has begun", function()
    local org <close> = crowd.start { flows = 14, careful = true }
    local name = id("flows", 5)
    refused(1, org, { "export-now", name, "Loyal customers" }, "is exported from 2030-01-01 on")
    refused(1, org, { "export-now", name, "Loyal custmers" }, 'did you mean "Loyal customers"?')
    refused(1, org, { "export-now", name, crowd.CAREFUL[5] }, "the dataflow has no audience")
    refused(2, org, { "export-now", name }, "AUDIENCE is missing", "--all")
    refused(2, org, { "export-now", name, "x", "--all" }, "exclude each other")
    refused(4, org, { "export-now", "Flow 0013", "x" }, 'did you mean "Flow 000')
  end)

  it("says what permission is missing", function()
    local org <close> = crowd.start { flows = 1, emulator = { permissions = "view-profiles" } }
    refused(4, org, { "export-now", crowd.flow_name(1), "x" }, "403 2118-403")
  end)
end)
