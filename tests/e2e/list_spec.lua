--- `sluice list`: what there is, as tables, JSON and CSV; thousands of dataflows; careful names; what goes wrong.

local core = require "sluice.core"
local crowd = require "support.crowd"
local program = require "support.program"
local tmux = require "support.tmux"

local FLOWS = 1000

--- The rows of a CSV text (RFC 4180), the head first.
local function csv(text)
  local rows, row, at = {}, {}, 1
  while at <= #text do
    local quoted, behind = text:match('^"([^"]*)"()', at)
    local cell = quoted or text:match("^[^,\r\n]*", at)
    at = behind or at + #cell
    while quoted and text:sub(at, at) == '"' do
      quoted, behind = text:match('^"([^"]*)"()', at)
      cell, at = cell .. '"' .. quoted, behind
    end
    row[#row + 1] = cell
    local mark = text:match("^\r\n", at) or text:match("^,", at)
    assert(mark, "neither a comma nor a line end at " .. at)
    if mark ~= "," then rows[#rows + 1], row = row, {} end
    at = at + #mark
  end
  return rows
end

--- The values of a column in the output of --json.
local function column(text, name)
  local values = {}
  for i, row in ipairs(core.json.decode(text)) do values[i] = row[name] end
  return values
end

local function lines(text)
  local _, count = text:gsub("\n", "")
  return count
end

--- Nothing that could steer a terminal: no control characters but line ends, nothing that nobody sees.
local function assert_harmless(text)
  assert.is_nil(text:gsub("\n", ""):find "%c")
  for _, code in utf8.codes(text) do
    assert.is_false(code >= 0x80 and code <= 0x9F or code >= 0x202A and code <= 0x202E
      or code >= 0x2066 and code <= 0x2069, ("U+%04X"):format(code))
  end
end

describe("sluice list of an organisation", function()
  local org, names
  setup(function()
    org, names = crowd.start { flows = FLOWS, careful = true, runs = 2, orphans = 3, audiences = 150, sources = 5 }, {}
    for i = 1, FLOWS do names[i] = crowd.CAREFUL[i] or crowd.flow_name(i) end
  end)
  teardown(function()
    org:__close()
    program.clean()
  end)

  local function list(...) return program.run({ "list", ... }, { env = org.env }) end

  local function listed(...)
    local result = list(...)
    assert.equal(0, result.code, result.err)
    return result.out, result.err
  end

  --- How many there are of each kind.
  local COUNTS = {
    destinations = FLOWS, flows = FLOWS + 5, accounts = 103, connections = 103, ["source-connections"] = FLOWS + 3,
    ["target-connections"] = FLOWS + 3, audiences = 150, sandboxes = 3, runs = 40,
  }
  for kind, count in pairs(COUNTS) do
    it(("has %d rows for %s, page after page"):format(count, kind), function()
      assert.equal(count + 1, lines((listed(kind, "--columns", kind == "sandboxes" and "name" or "id"))))
    end)
  end

  it("knows every spec by its name in the catalog", function()
    local rows = csv((listed("specs", "--csv")))
    assert.same({ "name", "id", "type", "version" }, rows[1])
    assert.same({ "Adobe Campaign", "0b23e41a-cb4a-4321-a78f-3b654f5d7d97", "adobe-campaign", "1.0" }, rows[2])
    assert.matches("upsToCampaign", (listed "flow-specs"))
  end)

  it("says where a dataflow goes, by which account, and with how much", function()
    local row = core.json.decode((listed("destinations", "--ndjson", "--filter", "name==" .. crowd.flow_name(999))))
    assert.equal(crowd.flow_name(999), row.name)
    assert.equal(crowd.id("flows", 999), row.id)
    assert.equal("adobe-campaign", row.type)
    assert.equal(crowd.account_name(100), row.account)
    assert.equal(crowd.id("connections", 100), row.account_id)
    assert.equal(2, row.audiences)
    assert.equal("enabled", row.state)
    assert.matches("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$", row.updated)
    local target = core.json.decode((listed("target-connections", "--ndjson", "--limit", "1")))
    assert.equal(crowd.CAREFUL[1], target.account)
  end)

  it("keeps the data in JSON and CSV, and shows none of it raw", function()
    local json, lines_of_json = listed("destinations", "--json"), listed("destinations", "--ndjson")
    local table_text = listed "destinations"
    assert.same(names, column(json, "name"))
    assert.equal(FLOWS, lines(lines_of_json))
    assert.same(core.json.decode(json)[5], core.json.decode(lines_of_json:match(("[^\n]*\n"):rep(4) .. "([^\n]*)")))
    for i, row in ipairs(csv((listed("destinations", "--csv")))) do assert.equal(names[i - 1] or "name", row[1]) end
    assert_harmless(json)
    assert_harmless(table_text)
    assert.matches("\n\\x1b%[31mred\\x1b%[0m \\x1b%]0;title\\a bell\\a  ", table_text)
    assert.matches("\ntwo\\nlines\\r\\nand a\\ttab  ", table_text)
    assert.matches("\\u{202e}gnp.exe\\u{202c} \\u{2066}isolated\\u{2069}", table_text)
    assert.matches("c1 \\u{9b}31m \\u{85} end", table_text)
    assert.matches('\nwith "quotes", \'apostrophes\' and; commas  ', table_text)
  end)

  it("asks the service for what it can filter, and compares the rest", function()
    local out, err = listed("flows", "--filter", "state==disabled", "--columns", "state", "--trace")
    assert.equal(FLOWS // 4 + 1, lines(out))
    assert.matches("property=state%%3D%%3Ddisabled", err)
    out, err = listed("flows", "--filter", "state!=enabled", "--filter", "name~flow 009", "--json", "--trace")
    assert.equal("Flow 00900 Flow 00904", table.concat(column(out, "name"), " ", 1, 2))
    assert.equal(25, #column(out, "name"))
    assert.is_nil(err:find("property", 1, true))
    for i, name in ipairs { crowd.CAREFUL[3], crowd.CAREFUL[2], crowd.CAREFUL[11] } do
      out = listed("flows", "--filter", "name==" .. name, "--json")
      assert.same({ name }, column(out, "name"), i)
    end
    out, err = listed("target-connections", "--filter", "baseConnectionId==" .. crowd.id("connections", 2), "--json",
      "--trace")
    assert.equal(10, #column(out, "name"))
    assert.matches("property=baseConnectionId%%3D%%3D", err)
    out = listed("runs", "--filter", "flow_id==" .. crowd.id("flows", 2), "--json", "--trace")
    assert.equal(2, #column(out, "id"))
    out = listed("flows", "--filter", "targetConnectionIds[]==" .. crowd.id("targetConnections", 77), "--json")
    assert.same({ crowd.flow_name(77) }, column(out, "name"))
    assert.equal("[]\n", (listed("destinations", "--filter", "audiences==3", "--json")))
  end)

  it("sorts, and ends where it is told", function()
    local out = listed("destinations", "--filter", "name~flow", "--sort", "-name", "--limit", "3", "--json")
    assert.same({ "Flow 01000", "Flow 00999", "Flow 00998" }, column(out, "name"))
    out = listed("audiences", "--sort", "name", "--filter", "name~audience", "--limit", "2", "--csv", "--columns",
      "name,lifecycleState")
    assert.equal("name,lifecycleState\r\nAudience 0012,published\r\nAudience 0013,published\r\n", out)
    local err
    out, err = listed("flows", "--limit", "2", "--trace")
    assert.equal(3, lines(out))
    assert.equal(1, lines((err:gsub("[^\n]*ims/token[^\n]*\n", ""))))
    assert.matches("limit=2 ", err)
  end)

  it("shows columns and JSON paths, but no credentials", function()
    local out = listed("flows", "--csv", "--limit", "1", "--columns",
      "id, flowSpec.version,/transformations/0/name,sourceConnectionIds.0,targetConnectionIds")
    assert.same({
      { "id", "flowSpec.version", "/transformations/0/name", "sourceConnectionIds.0", "targetConnectionIds" },
      { crowd.id("flows", 1), "1.0", "GeneralTransform", crowd.id("sourceConnections", 1),
        ('["%s"]'):format(crowd.id("targetConnections", 1)) } }, csv(out))
    for _, format in ipairs { "--json", "--csv", "--ndjson", "--quiet" } do
      out = listed("accounts", format, "--limit", "1", "--columns", "auth,auth.params.password,auth.params.username")
      assert.matches("marketing", out)
      assert.is_nil(out:find("not-to-be-shown", 1, true))
    end
  end)

  it("tells dataflows to destinations from others, whatever the service is asked", function()
    assert.equal(FLOWS - FLOWS // 4, #column((listed("destinations", "--filter", "state==enabled", "--json")), "id"))
    assert.equal(FLOWS - FLOWS // 4 + 5, #column((listed("flows", "--filter", "state==enabled", "--json")), "id"))
    assert.equal(5, #column((listed("flows", "--filter", "name~import", "--json")), "id"))
    assert.equal("[]\n", (listed("destinations", "--filter", "name~import", "--json")))
  end)

  it("is called in the README as it can be", function()
    local files, count = require "support.files", 0
    for words in files.read("README.md"):gmatch "\n%$ sluice list ([^\n>]+)" do
      local result = program.run({ "-c", program.PATH .. " list " .. words }, { program = "sh", env = org.env })
      assert.equal(0, result.code, words .. result.err)
      count = count + 1
    end
    assert.is_true(count >= 4)
  end)

  it("fits the terminal", function()
    local terminal <close> = tmux.start({ "list", "destinations", "--limit", "11" },
      { env = org.env, columns = 80, rows = 30 })
    local screen = terminal:sees "ended with 0"
    assert.matches("^NAME +ID +STATE\n", screen)
    assert.equal(13, lines(screen)) -- none goes on in the next line
    assert.matches("\nlong very very[very ]*…  %x", screen)
    assert.is_nil(screen:find("\nred", 1, true))
    assert.is_truthy(screen:find("\\x1b[31mred", 1, true))
    assert.matches("\27%[1mNAME", terminal:coloured_screen())
  end)

  it("is cut where a terminal is too narrow for what has to stay", function()
    local words = { "list", "destinations", "--limit", "12", "--columns", "id,name,account,type" }
    local terminal <close> = tmux.start(words, { env = org.env, columns = 40, rows = 30 })
    assert.equal(14, lines(terminal:sees "ended with 0")) -- none goes on in the next line
  end)

  it("has no colour where nobody wants it", function()
    local env = { NO_COLOR = "1" }
    for name, value in pairs(org.env) do env[name] = value end
    local terminal <close> = tmux.start({ "list", "destinations", "--limit", "2" }, { env = env })
    terminal:sees "ended with 0"
    assert.is_nil(terminal:coloured_screen():find("\27[1m", 1, true))
  end)

  it("ends quietly when nobody reads on, and aloud when the disk is full", function()
    local piped = program.run({ "-c", program.PATH .. " list flows | head -n 1; echo ${PIPESTATUS[0]}" },
      { program = "bash", env = org.env })
    assert.matches("^NAME [^\n]+\n141\n$", piped.out)
    assert.equal("", piped.err)
    for _, format in ipairs { "", "--json", "--csv" } do
      local full = program.run({ "-c", ("%s list flows %s >/dev/full"):format(program.PATH, format) },
        { program = "sh", env = org.env })
      assert.equal(1, full.code)
      assert.equal("sluice: cannot write to standard output: No space left on device\n", full.err)
    end
  end)

  --- Words, and what the one line on standard error says.
  local REFUSED = {
    { {}, "KIND is missing; expected one of destinations, flows, " },
    { { "flow" }, "no kind 'flow' to list: did you mean \"flows\"?" },
    { { "sanboxes" }, "did you mean \"sandboxes\"?" },
    { { "\27[31m\u{9B}\u{202E}\u{2066}" }, "no kind '<U+001B>[31m<U+009B><U+202E><U+2066>' to list" },
    { { "flows", "accounts" }, "too many arguments" },
    { { "flows", "--columns", "nmae" }, "--columns: there is no column \"nmae\", did you mean \"name\"?" },
    { { "flows", "--columns", "," }, "--columns names no column" },
    { { "flows", "--columns", "/a~2" }, "--columns: the JSON pointer \"/a~2\" is wrong" },
    { { "accounts", "--sort", "-flowSpec" }, "--sort: there is no column \"flowSpec\"" },
    { { "flows", "--filter", "stat==x" }, "--filter: there is no column \"stat\", did you mean \"state\"?" },
    { { "flows", "--filter", "state=x" }, "--filter \"state=x\": expected FIELD==VALUE, FIELD!=VALUE or FIELD~PART" },
    { { "flows", "--limit", "0" }, "--limit is \"0\"; expected a whole number from 1" },
    { { "flows", "--limit", "-1" }, "--limit is \"-1\"; expected a whole number from 1" },
    { { "flows", "--json", "--csv" }, "--json and --csv exclude each other" },
    { { "flows", "--jsn" }, "did you mean '--json'" },
  }
  for _, case in ipairs(REFUSED) do
    it(("refuses %q before anything is sent"):format(table.concat(case[1], " ")), function()
      local result = program.run { "list", table.unpack(case[1]) } -- without credentials: they are not missed
      assert.equal(2, result.code)
      assert.equal("", result.out)
      assert.is_truthy(result.err:find(case[2], 1, true), result.err)
      assert.equal(1, lines(result.err))
    end)
  end
end)

describe("sluice list", function()
  teardown(program.clean)

  it("of an empty organisation is empty", function()
    local org <close> = crowd.start { empty = true }
    for kind, noun in pairs { destinations = "destination dataflows", flows = "dataflows", accounts = "accounts",
      audiences = "audiences", runs = "runs" } do
      local result = program.run({ "list", kind }, { env = org.env })
      assert.same({ code = 0, out = "", err = ("no %s in sandbox prod\n"):format(noun) }, result)
      assert.same({ code = 0, out = "[]\n", err = "" }, program.run({ "list", kind, "--json" }, { env = org.env }))
      assert.same({ code = 0, out = "", err = "" }, program.run({ "list", kind, "--ndjson" }, { env = org.env }))
      assert.same({ code = 0, out = "", err = "" }, program.run({ "list", kind, "--quiet" }, { env = org.env }))
      assert.equal(1, lines(program.run({ "list", kind, "--csv" }, { env = org.env }).out))
    end
    local result = program.run({ "list", "flows", "--sort", "name", "--filter", "state==disabled" }, { env = org.env })
    assert.same({ code = 0, out = "", err = "no dataflows in sandbox prod pass the filters\n" }, result)
  end)

  it("without a permission says which", function()
    local org <close> = crowd.start { emulator = { permissions = "view-profiles" } }
    for _, words in ipairs { { "flows" }, { "destinations", "--json" }, { "runs", "--sort", "id" } } do
      local result = program.run({ "list", table.unpack(words) }, { env = org.env })
      assert.equal(4, result.code)
      assert.equal("", result.out)
      assert.matches("403 2118%-403 .*needs View Destinations to read", result.err)
    end
    assert.equal(0, program.run({ "list", "audiences" }, { env = org.env }).code)
  end)

  it("without the permission for what gives names shows IDs", function()
    local org <close> = crowd.start { flows = 1, emulator = { faults = core.json.array { "connections.list:403" } } }
    local result = program.run({ "list", "target-connections", "--json" }, { env = org.env })
    assert.equal(0, result.code, result.err)
    assert.equal(crowd.id("connections", 1), core.json.decode(result.out)[1].account)
  end)

  it("of a server that is dead says so", function()
    local env = { AEP_BASE_URL = "http://127.0.0.1:1", AEP_IMS_URL = "http://127.0.0.1:1" }
    for name, value in pairs(program.CREDENTIALS) do env[name] = value end
    local result = program.run({ "list", "flows", "--json", "--attempts", "1" }, { env = env })
    assert.equal(5, result.code)
    assert.equal("", result.out)
    assert.matches("^sluice: [^\n]*connect[^\n]*\n$", result.err)
    assert.equal(3, program.run({ "list", "flows" }).code)
  end)

  it("that is cut off has shown what came before", function()
    local org <close> = crowd.start { flows = 300, emulator = { faults = { "flows.list:nth=3:404" } } }
    local result = program.run({ "list", "flows" }, { env = org.env })
    assert.equal(4, result.code)
    assert.equal(201, lines(result.out))
  end)

  it("of 10,000 dataflows prints as they come, in little memory, and ends at Ctrl-C", function()
    local org <close> = crowd.start { flows = 10000, emulator = { faults = { "flows.list:nth=100:hang" } } }
    local process <close> = program.start({ "list", "flows" }, { env = org.env })
    assert.is_true(process:says(crowd.flow_name(9900))) -- the last page never comes
    local status = program.read(("/proc/%s/status"):format(process.pid))
    if not os.getenv "LUA_PRELOAD" then -- AddressSanitizer keeps what is freed, to find its use
      assert.is_true(tonumber(status:match "VmHWM:%s*(%d+) kB") < 40 * 1024, status:match "VmHWM:[^\n]*")
    end
    process:signal "INT"
    assert.equal(130, process:wait())
    assert.equal("sluice: interrupted\n", process:errors())
    assert.equal(9901, lines(process:output()))
    assert.matches("\n$", process:output())
  end)

  it("at a terminal ends at Ctrl-C with a clean line, and shows what takes long", function()
    local org <close> = crowd.start { flows = 250,
      emulator = { faults = { "flows.list:nth=3:hang", "flows.list:nth=6:hang", "flows.list:nth=9:hang" } } }
    local terminal <close> = tmux.start({ "list", "flows", "--sort", "name", "--filter", "name~x" },
      { env = org.env })
    terminal:sees "200 read, to sort …"
    terminal:press "C-c"
    assert.equal("sluice: interrupted\nended with 130\n", terminal:sees "ended with 130")
    local written <close> = tmux.start({ "-c", program.PATH .. " list flows --filter name==x,y >/dev/null" },
      { program = "sh", env = org.env })
    written:sees "200 read …"
    written:press "C-c"
    written:sees "ended with 130"
    local other <close> = tmux.start({ "list", "flows", "--columns", "name" }, { env = org.env, rows = 210 })
    other:sees(crowd.flow_name(200))
    other:press "C-c"
    assert.matches("\nFlow 00200\nsluice: interrupted\nended with 130\n$", other:sees "ended with 130")
  end)
end)
