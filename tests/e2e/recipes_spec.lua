--- The recipes that set a destination up, through the built program: on the embedded emulator, as text and as JSON,
--- twice on one service.

local core = require "sluice.core"
local files = require "support.files"
local program = require "support.program"

local RECIPES = {}
for _, path in ipairs(files.list("scripts", ".lua")) do
  if path:find "/activate_" or path:find "/export_datasets_" then RECIPES[#RECIPES + 1] = path end
end

local FILES = { "source          Profile Store: ", "files go to", "\nAudiences: 1\n", "every day at ",
  "file name  %DESTINATION", "\nMandatory fields: 1\n", "\nDeduplication keys: 1\n  personalEmail.address" }

-- What the page of a run shows, and what the run creates, by the kind of destination.
local SHOWN = {
  legacy = { created = 5, "\nAttributes: ", "person.name.firstName", table.unpack(FILES) },
  v2 = { created = 7, "\nColumns: 4\n  first_name  person.name.firstName\n", table.unpack(FILES) },
  streaming = { created = 5, "source          Profile Store: ", "messages go to", "\nAudiences: 1\n",
    "\nAttributes: 3\n  person.name.firstName" },
  datasets = { created = 4, "source          Data Lake: ", "files go to",
    "schedule        every 6 hours, from 2030-01-01", "\nDatasets: 1\n  Orders (" },
}

-- The spec document of the newer S3 card says what a secret key looks like.
local S3_SECRET = ("sentinelSecret7c1f"):rep(2) .. "/+aa"

--- The variables of every secret a recipe may ask for.
local function secrets_of(path)
  local found = {}
  for variable in files.read(path):gmatch 'type = "secret".-env = "([%u%d_]+)"' do
    found[variable] = variable == "S3_SECRET_KEY" and S3_SECRET or program.SECRET
  end
  return found
end

--- What a run needs besides its secrets: each example the recipe declares, as an option.
local function examples_of(path)
  local words = {}
  for block in files.read(path):gmatch "\n    (%b{})," do
    local name, example = block:match 'name = "([%w_]+)"', block:match 'example%s*=%s*{?%s*"([^"]+)"'
    if example and not block:find 'type = "secret"' then
      words[#words + 1] = "--" .. name:gsub("_", "-") .. "=" .. example
    end
  end
  return words
end

local function run_on(server, path, ...)
  local words = { "run", "--base-url", server.url, "--ims-url", server.url, path, ... }
  table.move(examples_of(path), 1, 20, #words + 1, words)
  return program.run(words, { env = program.CREDENTIALS, secrets = secrets_of(path) })
end

--- How many resources of each kind the service holds.
local function counts(server)
  local folder = program.folder()
  local script = program.write(folder, "count.lua", [[
    local aep = require("sluice").connect()
    for _, name in ipairs { "connections", "source_connections", "target_connections", "flows" } do
      io.write(#aep[name]:list(), " ")
    end]])
  local result = program.run({ "run", "--base-url", server.url, "--ims-url", server.url, script },
    { env = program.CREDENTIALS })
  assert.are.equal(0, result.code, result.err)
  return result.out
end

describe("the recipes", function()
  teardown(program.clean)

  it("are one for each destination of the catalog, and two for datasets", function()
    assert.are.equal(17, #RECIPES)
  end)

  for _, path in ipairs(RECIPES) do
    it("run on the emulator: " .. path, function()
      local result = program.run { "run", path, "--emulate" }
      assert.are.equal(0, result.code, result.err)
      local document = core.json.decode(program.run({ "run", "--json", path, "--emulate" }).out)
      assert.is_truthy(result.out:find("\nDataflow: ", 1, true), result.out)
      for _, text in ipairs(SHOWN[document.shape]) do
        assert.is_truthy(result.out:find(text, 1, true), text .. " is missing in\n" .. result.out)
      end
      assert.is_truthy(result.err:find "^emulated service on http://127.0.0.1:%d+\n", result.err)
      assert.is_truthy(result.err:find("created   dataflow", 1, true), result.err)
      local last = result.err:match "([^\n]+)\n$"
      assert.is_truthy(last:find "^On the real platform, with [%u%d_, and]+ set: [^\n]+ run scripts/", last)
    end)

    it("print one JSON document: " .. path, function()
      local result = program.run { "run", "--json", path, "--emulate" }
      assert.are.equal(0, result.code, result.err)
      local document = core.json.decode(result.out)
      assert.are.equal(SHOWN[document.shape].created, document.created)
      for _, name in ipairs { "source_connection", "base_connection", "target_connection", "flow" } do
        assert.is_truthy(document.ids[name]:find "^%x+%-%x+%-%x+%-%x+%-%x+$", name)
      end
      assert.are.equal(document.ids.flow, document.flow.id)
      assert.are.equal(document.ids.target_connection, document.flow.targetConnectionIds[1])
      local selectors = core.json.encode(document.flow.transformations):match '"segmentSelectors":{"selectors":%b[]'
      assert.are.equal(document.shape ~= "datasets", selectors ~= nil and #selectors > 40)
      assert.is_true(core.json.is_array(document.warnings))
    end)

    it("show their own options, within 80 columns and with an example: " .. path, function()
      local result = program.run { "run", path, "--help" }
      assert.are.equal(0, result.code, result.err)
      assert.is_truthy(result.out:find("Example:\n  sluice run " .. path, 1, true))
      local option = path:find "datasets" and "--dataset-name TEXT" or "--audience AUDIENCE"
      assert.is_truthy(result.out:find(option, 1, true))
      for line in result.out:gmatch "[^\n]+" do assert.is_true(utf8.len(line) <= 80, line) end
      assert.are.equal(result.out, program.run({ path, "-h" }).out)
    end)
  end

  it("create nothing the second time, and show no secret", function()
    local server <close> = program.emulate { "--seed", "1" }
    local expected
    for round = 1, 2 do
      for _, path in ipairs(RECIPES) do
        local result = run_on(server, path)
        assert.are.equal(0, result.code, result.err)
        local nothing = result.err:find("nothing had to be created, nothing had to be changed", 1, true)
        assert.are.equal(round == 2, nothing ~= nil, result.err)
        assert.is_nil((result.out .. result.err):find(program.SECRET, 1, true))
        assert.is_nil((result.out .. result.err):find(S3_SECRET, 1, true))
      end
      expected = expected or counts(server)
      assert.are.equal(expected, counts(server))
    end
    assert.is_truthy(expected:find "^%d+ %d+ 17 17 $", expected)
  end)

  it("say in JSON too that nothing had to be created", function()
    local server <close> = program.emulate()
    run_on(server, RECIPES[1])
    local result = run_on(server, RECIPES[1], "--json")
    local document = core.json.decode(result.out)
    assert.are.equal(0, document.created)
    assert.are.equal(0, document.changed)
  end)

  it("may give back something else, which JSON shows as the result", function()
    local script = program.write(program.folder(), "other.lua", [[
      return require("sluice").recipe { name = "r", version = "1", summary = "s", params = {},
        run = function() return { 1, 2 } end }]])
    local result = program.run { "run", "--emulate", "--json", script }
    assert.are.same({ 1, 2 }, core.json.decode(result.out).result)
    assert.are.equal("", program.run({ "run", "--emulate", script }).out)
  end)

  it("may give back anything that is no set-up", function()
    for returned, shown in pairs { ["42"] = "42", ["true"] = "true", ['{ flow = {}, warnings = 1 }'] = "[^\n]*%b{}" } do
      local script = program.write(program.folder(), "other.lua", ([[
        return require("sluice").recipe { name = "r", version = "1", summary = "s", params = {},
          run = function() return %s end }]]):format(returned))
      local result = program.run { "run", "--emulate", script }
      assert.are.equal(0, result.code, result.err)
      assert.are.equal("", result.out)
      result = program.run { "run", "--emulate", "--json", script }
      assert.is_truthy(result.out:find('"result": ' .. shown), result.out)
    end
  end)

  it("take an empty AEP_SANDBOX for none on the emulator", function()
    local result = program.run({ "run", RECIPES[1], "--emulate" }, { env = { AEP_SANDBOX = "" } })
    assert.are.equal(0, result.code, result.err)
  end)

  it("name, in the line for the platform, the sandbox and what the environment does not hold", function()
    local env = { SFTP_HOST = "", SFTP_USERNAME = "me" }
    local words = { "run", "scripts/activate_sftp.lua", "--emulate", "--sandbox", "dev" }
    local result = program.run(words, { env = env })
    local line = result.err:match "([^\n]+)\n$"
    local expected = " run --sandbox dev scripts/activate_sftp.lua --host HOST --remote-path "
    assert.is_truthy(line:find(expected, 1, true), line)
  end)

  it("follow the options of the run in a plain script's sluice.connect()", function()
    local script = program.write(program.folder(), "plain.lua", [[
      local aep = require("sluice").connect()
      print(aep.sandbox, aep.base_url:match "^http://127.0.0.1:%d+$" ~= nil, #aep.flows:list())]])
    local result = program.run { "run", "--emulate", "--sandbox", "dev", script }
    assert.are.equal("dev\ttrue\t0\n", result.out, result.err)
  end)

  it("read no credentials for the emulator, and send none there", function()
    local result = program.run({ "run", RECIPES[1], "--emulate" },
      { env = { AEP_ORG_ID = "broken", AEP_ACCESS_TOKEN = program.SECRET, AEP_BASE_URL = "http://127.0.0.1:1" } })
    assert.are.equal(0, result.code, result.err)
  end)

  it("keep names of the service from steering the terminal", function()
    local result = program.run { "run", RECIPES[1], "--emulate", "--name", "a\27[31mb\7" }
    assert.is_nil((result.out .. result.err):find "[\0-\8\11-\31]", result.err)
  end)
end)

describe("sluice emulate", function()
  teardown(program.clean)

  it("says where it listens, and how to use it", function()
    local server <close> = program.emulate()
    assert.are.equal("listening on " .. server.url .. "\n", server:output())
    assert.is_truthy(server:errors():find("--base-url " .. server.url, 1, true))
  end)

  for _, signal in ipairs { "INT", "TERM" } do
    it("ends with code 0 on SIG" .. signal .. " and takes its port file with it", function()
      local server = program.emulate()
      server:signal(signal)
      assert.are.equal(0, server:wait())
      assert.is_nil(program.read(server.port_file))
    end)
  end

  it("refuses a port that is taken", function()
    local server <close> = program.emulate()
    local result = program.run { "emulate", "--port", server.port }
    assert.are_not.equal(0, result.code)
    assert.is_truthy(result.err:find "^sluice: [^\n]+\n$", result.err)
    assert.is_truthy(result.err:find(server.port, 1, true), result.err)
  end)

  it("gives the same ids for the same seed", function()
    local ids = {}
    for i = 1, 2 do
      local server <close> = program.emulate { "--seed", "7" }
      ids[i] = core.json.decode(run_on(server, RECIPES[1], "--json").out).ids
    end
    assert.are.same(ids[1], ids[2])
  end)
end)
