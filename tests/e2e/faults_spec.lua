--- What goes wrong on purpose, from the command line: `sluice run --emulate --fault`, `sluice emulate --fault`.

local json = require "sluice.core".json
local program = require "support.program"

local RECIPE = "scripts/activate_adobe_campaign.lua"

local function run(...) return program.run { "run", RECIPE, "--emulate", "--json", ... } end

--- The calls that a journal tells of.
local function calls(path)
  local list = {}
  for line in io.lines(path) do list[#list + 1] = json.decode(line) end
  return list
end

local function count(list, operation)
  local found = 0
  for _, call in ipairs(list) do found = found + (call.operation == operation and 1 or 0) end
  return found
end

describe("faults", function()
  teardown(program.clean)

  it("do not keep a recipe from its end, and the journal tells of them", function()
    local path = program.folder() .. "/journal"
    local result = run("--fault", "connections.create:nth=1:reset-after", "--fault=flows.create:nth=1:truncated",
      "--fault", "token:nth=1:503:retry-after=0", "--latency", "0.002", "--journal", path)
    assert.equal(0, result.code, result.err)
    assert.equal(5, json.decode(result.out).created)
    local list = calls(path)
    assert.same({ 2, 2, 1 }, { count(list, "token"), count(list, "connections.create"), count(list, "flows.create") })
    assert.equal("token:nth=1:503:retry-after=0", list[1].fault)
  end)

  it("are known by names, too", function()
    local path = program.folder() .. "/journal"
    assert.equal(0, run("--fault", "lagging", "--fault", "flows.get:nth=1:503", "--journal", path).code)
    local seen = {}
    for _, call in ipairs(calls(path)) do
      if call.fault then seen[call.operation] = call.fault end
    end
    assert.same({ "*.list:lag=2", "flows.get:nth=1:503" }, { seen["flows.list"], seen["flows.get"] })
  end)

  it("end a run that cannot go on, with what stands where", function()
    local result = run("--fault", "flows.create:400")
    assert.equal(4, result.code)
    assert.equal("", result.out)
    assert.is_truthy(result.err:find("created so far: Profile Store connection", 1, true), result.err)
    assert.is_truthy(result.err:find("run the same recipe again", 1, true), result.err)
  end)

  for words, message in pairs {
    ["--emulate --fault x"] = "fault 'x': expected OPERATION:FAULT",
    ["--emulate --fault flows.create:nth=0:503"] = "nth is '0'; expected a whole number of at least 1",
    ["--fault flows.create:503"] = "--fault needs --emulate",
    ["--latency 1"] = "--latency needs --emulate",
    ["--journal x"] = "--journal needs --emulate",
    ["--emulate --latency soon"] = "'latency' is 'soon'; expected a number from 0 to 3600",
  } do
    it("are refused in one line: " .. words, function()
      local list = { "run", RECIPE }
      for word in words:gmatch "%S+" do list[#list + 1] = word end
      local result = program.run(list)
      assert.same({ 2, "" }, { result.code, result.out })
      assert.is_truthy(result.err:find(message, 1, true), result.err)
      assert.is_truthy(result.err:find "^sluice: [^\n]+\n$", result.err)
    end)
  end

  it("are served to others, too", function()
    local path = program.folder() .. "/journal"
    local server <close> = program.emulate { "--fault", "*:nth=3:503", "--journal", path }
    local script = program.write(program.folder(), "list.lua", [[
      local aep = require("sluice").connect()
      print(#aep.flows:list() + #aep.connections:list())]])
    local result = program.run({ "run", script, "--base-url", server.url, "--ims-url", server.url },
      { env = program.CREDENTIALS })
    assert.same({ 0, "0\n" }, { result.code, result.out }, result.err)
    local list = calls(path)
    assert.same({ 4, "*:nth=3:503", "connections.list" }, { #list, list[3].fault, list[3].operation })
  end)

  it("are explained", function()
    local page = program.run({ "help", "emulate" }).out
    for _, text in ipairs { "--fault RULE", "reset[-after]", "bad-network", "nth=N", "lag-calls=N" } do
      assert.is_truthy(page:find(text, 1, true), text)
    end
    for line in page:gmatch "[^\n]+" do assert.is_true(utf8.len(line) <= 80, line) end
  end)
end)
