--- What a run says about itself: steps, warnings, the dataflow, the line for the platform; colour and order.

local program = require "support.program"

local RECIPE = "scripts/activate_sftp.lua"

--- A recipe whose destination has these audiences and attributes; `also` may do more around it.
local function run_destination(audiences, attributes, also, words)
  local text = ([[
    local sluice = require "sluice"
    local schedule = sluice.schedule
    local TEMPLATE = "%%%%DESTINATION_NAME%%%%_%%%%SEGMENT_ID%%%%_%%%%TIMESTAMP%%%%"
    local function id(n) return ("0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d%%d"):format(n) end
    return sluice.recipe { name = "r", version = "1", summary = "s", params = {}, run = function(ctx)
      local d = sluice.destination {
        name = "D", type = "sftp", auth = { host = "h.example.com", username = "u", password = "p" },
        target = { remotePath = "/in" }, audiences = %s, attributes = %s }
      %s
      return ctx.apply(d)
    end }]]):format(audiences, attributes, also or "")
  local script = program.write(program.folder(), "script.lua", text:gsub("%%%%", "%%"))
  local result = program.run { "run", "--emulate", script, table.unpack(words or {}) }
  assert.are.equal(0, result.code, result.err)
  return result
end

local function has(text, ...)
  for _, part in ipairs { ... } do assert.is_truthy(text:find(part, 1, true), part .. " is missing in\n" .. text) end
end

describe("the report of a run", function()
  teardown(program.clean)

  it("says schedules in words", function()
    local result = run_destination([[{
      { id = id(1), filename = TEMPLATE, schedule = schedule.once { at = "17:00", on = "2030-01-01" } },
      { id = id(2), filename = TEMPLATE,
        schedule = schedule.after_evaluation { from = "2030-01-01", to = "2030-02-01" } },
      { id = id(3), filename = TEMPLATE, name = "Third",
        schedule = schedule.every_hours(6) { at = "00:00", from = "2030-01-01", to = "2030-02-01" } },
    }]], '{ "a.b" }')
    has(result.out, "Audiences: 3\n",
      "\n  0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1\n    schedule   once at 17:00 UTC, on 2030-01-01; all profiles each",
      "every day after the audience's evaluation, from 2030-01-01 until the day before 2030-02-01; all profiles",
      "\n  Third (0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d3)\n    schedule   every 6 hours, first at 00:00 UTC, from",
      "; all profiles first, then the changes\n")
  end)

  it("says where the files go, and what is not there", function()
    local result = run_destination("{}", '{ "a.b" }')
    has(result.out, "\n  files go to     FTP, remotePath /in\n", "\nAudiences: none\n", "\nMandatory fields: none\n",
      "\nAttributes: 1\n  a.b\n", "\nDeduplication keys: none\n")
    has(result.err, "warning: /audiences: is empty: nothing will be exported\n")
  end)

  it("warns of a dataflow that is disabled", function()
    local result = run_destination("{}", '{ "a" }', "ctx.aep.flows:disable(ctx.apply(d).ids.flow)")
    has(result.err, "\nwarning: the dataflow is disabled\n", "nothing had to be created, nothing had to be changed\n")
    has(result.out, "\n  state           disabled\n")
  end)

  it("reads mandatory fields and keys in both places where a flow may keep them", function()
    local script = program.write(program.folder(), "report.lua", [[
      local json = require("sluice").json
      local flow = json.decode [=[{"name":"F","id":"f","transformations":[{"params":{"mandatoryFields":["m"],
        "primaryFields":[{"fieldType":"IDENTITY","identityNamespace":"Email"}],"profileSelectors":null,
        "segmentSelectors":{"selectors":[5]}}}]}]=]
      io.write(require("sluice.cli.report").dataflow { title = "SFTP", flow = flow, ids = { source_connection = "s",
        target_connection = "t" }, source = {}, target = { name = "T", params = json.null } })]])
    local result = program.run { script }
    has(result.out, "Mandatory fields: 1\n  m\n", "Deduplication keys: 1\n  identity Email\n", "Audiences: 1\n",
      "SFTP: T (t)\n", "Profile Store: no name (s)\n")
    assert.are.equal("", result.err)
  end)

  it("keeps names on their line, and quotes them for the shell", function()
    local result = program.run { "run", RECIPE, "--emulate", "--name", "it's\na name", "--host=h.example.com" }
    has(result.err, "  it's a name\n", [[ --name 'it'\''s a name' --host=h.example.com ]])
    has(result.out, "Dataflow: it's a name\n")
  end)

  it("has its lines in order where both streams go to one place", function()
    local file = program.folder() .. "/all"
    os.execute(("%s run %s --emulate >%s 2>&1"):format(program.PATH, RECIPE, file))
    local all = program.read(file)
    assert.is_truthy(all:find "^emulated service")
    assert.is_truthy(all:find "changes made\n\nDataflow: .*\nAudiences: .*\nOn the real platform, [^\n]*\n$", all)
  end)

  it("has colour on a terminal only, unless NO_COLOR or a dumb terminal forbids it", function()
    local file = program.folder() .. "/typescript"
    local function coloured(env, redirect)
      os.execute(("env -u NO_COLOR TERM=xterm %s script -qec '%s run %s --emulate%s' /dev/null >%s </dev/null")
        :format(env, program.PATH, RECIPE, redirect or "", file))
      local text = program.read(file)
      has(text, "created")
      return text:find("\27[32mcreated  \27[0m", 1, true) ~= nil, text:find("\27", 1, true) ~= nil
    end
    assert.are.same({ true, true }, { coloured "" })
    assert.are.same({ true, true }, { coloured "NO_COLOR=" })
    for _, env in ipairs { "NO_COLOR=1", "TERM=dumb" } do assert.are.same({ false, false }, { coloured(env) }) end
    assert.are.same({ false, false }, { coloured("", " 2>&1 | cat") })
  end)

  it("comes of a script with a byte order mark too", function()
    local script = program.write(program.folder(), "bom.lua", "\xEF\xBB\xBF#!/usr/bin/env sluice\nprint 'ran'")
    assert.are.equal("ran\n", program.run({ script }).out)
  end)
end)
