--- `sluice show` and `sluice tree`: chains and trees of an organisation, careful names, and what goes wrong.

local core = require "sluice.core"
local crowd = require "support.crowd"
local harmless = require "support.harmless"
local program = require "support.program"
local tmux = require "support.tmux"

local FLOWS = 1000

local function lines_with(text, part)
  local count, at = 0, 1
  while true do
    local from, to = text:find(part, at, true)
    if not from then return count end
    count, at = count + 1, to + 1
  end
end

--- A command that has to go well.
local function runs(org, ...)
  local result = program.run({ ... }, { env = org.env })
  assert.equal(0, result.code, result.err)
  return result.out, result.err
end

--- One clear line, nothing on standard output.
local function refused(code, org, words, ...)
  local result = program.run(words, { env = org.env })
  assert.equal(code, result.code, result.err)
  assert.equal("", result.out)
  assert.matches("^sluice: [^\n]+\n$", result.err)
  for _, text in ipairs { ... } do assert.truthy(result.err:find(text, 1, true), result.err) end
  harmless.check(result.err)
end

describe("sluice show and sluice tree of a crowd", function()
  local org, journal
  setup(function()
    journal = program.folder() .. "/journal"
    org = crowd.start { flows = FLOWS, careful = true, runs = 6, orphans = 2, emulator = { journal = journal } }
  end)
  teardown(function()
    org:__close()
    program.clean()
  end)

  --- How many lists of each kind a command asks for.
  local function lists_of(work)
    local before, counts = #program.read(journal), {}
    work()
    for operation in program.read(journal):sub(before + 1):gmatch '"operation":"([%w_]+%.%a+)"' do
      counts[operation] = (counts[operation] or 0) + 1
    end
    return counts
  end

  it("reads the tree in one pass through the pages of each kind", function()
    local out
    local counts = lists_of(function() out = runs(org, "tree") end)
    assert.same({ ["connections.list"] = 2, ["target_connections.list"] = 11, ["source_connections.list"] = 11,
      ["flows.list"] = 10 }, counts)
    assert.matches("^Sandbox prod: 102 accounts, 1,002 target connections, 1,000 dataflows %(250 disabled%), "
      .. "2 audiences\n", out)
    assert.same({ FLOWS + 2, FLOWS, 2 * FLOWS }, { lines_with(out, "─ target "), lines_with(out, "─ dataflow "),
      lines_with(out, "─ audience ") })
    harmless.check(out)
  end)

  it("marks orphans in the tree, and says what deletes them", function()
    local out = runs(org, "tree")
    assert.truthy(out:find(("\n├─ target Target 01001 (%s)  ← orphan\n└─ target Target 01002 ")
      :format(crowd.id("targetConnections", 1001)), 1, true))
    assert.truthy(out:find(("\nAccount 0101 (%s)  ← orphan  Adobe Campaign\n"):format(
      crowd.id("connections", 101)), 1, true))
    local tail = out:match "\nOrphans: 6\n.*$"
    for kind, n in pairs { connections = 102, targetConnections = 1002, sourceConnections = 1002 } do
      assert.truthy(tail:find("\n    sluice delete " .. crowd.id(kind, n) .. "\n", 1, true), tail)
    end
    assert.truthy(runs(org, "tree", "--sandbox", "prod"):find("\n    sluice delete --sandbox prod "
      .. crowd.id("connections", 102) .. "\n", 1, true)) -- where the orphan is
  end)

  it("gives the tree as one document", function()
    local document = core.json.decode((runs(org, "tree", "--json")))
    assert.same({ 102, FLOWS, 6 }, { #document.accounts, document.counts.flows, #document.orphans })
    local found
    for _, account in ipairs(document.accounts) do
      if account.id == crowd.id("connections", 5) then found = account end
    end
    assert.same({ crowd.CAREFUL[5], 10 }, { found.name, #found.target_connections })
    assert.equal(2, #found.target_connections[1].flows[1].audiences)
  end)

  it("shows the whole chain of a dataflow", function()
    local out = runs(org, "show", crowd.flow_name(20))
    for _, text in ipairs { "Dataflow: Flow 00020\n", 'Account: with "quotes", ', "Adobe Campaign",
      "username marketing", "password ‹secret password›", "Target connection: Target 00020\n",
      "mode FTP, remotePath /in\n", "Source connection: Source 00020\n", "Audiences: 2\n  Loyal customers (",
      "    every day at 02:00 UTC, from 2030-01-01", "Last runs, times in UTC: 5\n" } do
      assert.truthy(out:find(text, 1, true), text .. " is missing in\n" .. out)
    end
    assert.is_nil(out:find("not-to-be-shown", 1, true))
    assert.equal(out, (runs(org, "show", crowd.id("flows", 20))))
  end)

  it("gives the chain as one document, without secrets", function()
    local out = runs(org, "show", crowd.flow_name(20), "--json")
    assert.is_nil(out:find("not-to-be-shown", 1, true))
    local document = core.json.decode(out)
    assert.same({ "flow", 1, 1, 1, 2, 5 }, { document.kind, #document.accounts, #document.target_connections,
      #document.source_connections, #document.audiences, #document.runs })
    assert.equal("‹secret password›", document.accounts[1].auth.params.password)
  end)

  it("shows an account with what is on it, and hides its secrets", function()
    local out = runs(org, "show", crowd.account_name(50))
    for _, text in ipairs { "Account: Account 0050\n", "Target connections: 10\n", "Dataflows: 10\n",
      "\n  Flow 00491  " .. crowd.id("flows", 491) .. "  enabled   2 audiences\n", "password ‹secret password›" } do
      assert.truthy(out:find(text, 1, true), text .. " is missing in\n" .. out)
    end
    assert.is_nil((out .. runs(org, "show", crowd.account_name(50), "--json")):find("not-to-be-shown", 1, true))
  end)

  it("shows entities of every kind", function()
    local run = core.json.decode((runs(org, "list", "runs", "--ndjson", "--limit", "1"))).id
    for what, text in pairs {
      [crowd.id("targetConnections", 7)] = "^Target connection: Target 00007\n.*\nDataflows: 1\n",
      [crowd.id("sourceConnections", 7)] = "^Source connection: Source 00007\n.*\nDataflows: 1\n",
      ["New subscribers"] = "^Audience: New subscribers\n.*\nDataflows: 1000\n.*  … 980 more; %-%-json shows all\n$",
      ["Adobe Campaign"] = "^Connection spec: Adobe Campaign\n.*  in the catalog  adobe%-campaign\n.*\nAccounts: 102\n",
      upsToCampaign = "^Flow spec: upsToCampaign\n.*\nDataflows: 1000\n",
      [run] = "^Run: " .. run:gsub("%-", "%%-") .. "\n  status .*\n  exported        Loyal customers %(",
      stage = "^Sandbox: stage\n.*\n  type            development\n",
    } do
      assert.matches(text, (runs(org, "show", what)))
    end
  end)

  it("takes careful names, and lets none steer the terminal", function()
    for i, name in ipairs(crowd.CAREFUL) do
      if name ~= "--json" then
        local out = runs(org, "show", "--kind", "flow", name)
        assert.truthy(out:find(crowd.id("flows", i), 1, true), name)
        harmless.check(out)
        harmless.check((runs(org, "show", "--kind", "account", name, "--json")))
        refused(4, org, { "show", "--kind", "run", name }, "there is no run")
      end
    end
    assert.matches("Dataflow: %-%-json\n", (runs(org, "show", "--kind", "flow", "--", "--json")))
  end)

  it("shows what has no name", function()
    local nameless <close> = crowd.start { flows = 1, careful_names = core.json.array { core.json.null } }
    local out = runs(nameless, "show", crowd.id("flows", 1))
    assert.matches("^Dataflow: without a name\n", out)
    assert.matches("\nAccount: without a name\n", out)
    out = runs(nameless, "disable", crowd.id("flows", 1))
    assert.equal(("disabled: dataflow %s\n"):format(crowd.id("flows", 1)), out)
  end)

  it("lists the candidates of an ambiguous name, and stops", function()
    refused(4, org, { "show", crowd.CAREFUL[4] }, "2 are called", "dataflow " .. crowd.id("flows", 4) .. " (disabled)",
      "account " .. crowd.id("connections", 4), "say which by its ID")
  end)

  it("says what is near a name that nothing has", function()
    refused(4, org, { "show", "--kind", "flow", "Flow 0050" }, 'did you mean "Flow 0')
    refused(2, org, { "show", "--kind", "flows", "x" }, "no kind \"flows\"", 'did you mean "flow"?')
    refused(2, org, { "show" }, "NAME")
    refused(2, org, { "tree", "--ndjson" }, "--ndjson")
  end)

  it("shows at a terminal what it shows elsewhere", function()
    local terminal <close> = tmux.start({ "show", crowd.flow_name(20) }, { env = org.env, columns = 150 })
    local screen = terminal:sees "ended with 0"
    assert.matches("^Dataflow: Flow 00020\n", screen)
    assert.matches("\n  success  %d%d%d%d%-%d%d%-%d%d", screen)
    local tree <close> = tmux.start({ "tree" }, { env = org.env, columns = 150, rows = 60 })
    assert.truthy(tree:sees("ended with 0"):find("\nOrphans: 6\n", 1, true))
  end)
end)

describe("sluice show and sluice tree", function()
  teardown(program.clean)

  it("say what permission is missing", function()
    local org <close> = crowd.start { flows = 2, emulator = { permissions = "view-profiles" } }
    for _, words in ipairs { { "tree" }, { "show", crowd.flow_name(1) }, { "show", crowd.id("flows", 1) } } do
      refused(4, org, words, "403 2118-403", "a permission is missing")
    end
  end)

  it("find what may be read where other kinds may not", function()
    local faults = core.json.array { "audiences.list:403", "audiences.get:403", "runs.list:403" }
    local org <close> = crowd.start { flows = 2, emulator = { faults = faults } }
    for _, word in ipairs { crowd.flow_name(1), crowd.id("flows", 1) } do
      local out = runs(org, "show", word)
      assert.matches("^Dataflow: Flow 00001\n", out)
      assert.matches("\nNot shown\n  last runs: GET [^\n]+ 403", out)
    end
    refused(4, org, { "show", "nothing" }, "403")
  end)

  it("find nothing in an empty organisation", function()
    local org <close> = crowd.start { empty = true }
    assert.equal("Sandbox prod: 0 accounts, 0 target connections, 0 dataflows, 0 audiences\n", (runs(org, "tree")))
    assert.same({}, core.json.decode((runs(org, "tree", "--json"))).accounts)
    refused(4, org, { "show", "anything" }, 'called "anything" in sandbox prod')
  end)

  it("end with the right code when nobody answers, or somebody has enough", function()
    refused(5, { env = program.TOKEN }, { "tree", "--attempts", "1", "--base-url", "http://127.0.0.1:1" },
      "127.0.0.1:1")
    local journal = program.folder() .. "/journal"
    local org <close> = crowd.start { flows = 2,
      emulator = { journal = journal, faults = core.json.array { "connections.list:delay=30" } } }
    local process <close> = program.start({ "tree" }, { env = org.env })
    for _ = 1, 500 do
      if program.read(journal):find('"flows.list"', 1, true) then break end
      os.execute "sleep 0.02"
    end
    process:signal "INT"
    assert.equal(130, process:wait())
    assert.equal("sluice: interrupted\n", process:errors())
  end)
end)
