--- `sluice preview` through the built program: pages, JSON, wrong use, and no network.

local core = require "sluice.core"
local files = require "support.files"
local program = require "support.program"

local S3 = "scripts/activate_amazon_s3.lua"
local CENTRAL_EUROPE = "CET-1CEST,M3.5.0,M10.5.0/3" -- needs no data of time zones

local function preview(words, options)
  table.insert(words, 1, "preview")
  return program.run(words, options)
end

--- The recipes that only apply destinations: those that ask the service otherwise have nothing to preview.
local function applying()
  local list = {}
  for _, path in ipairs(files.list("scripts", ".lua")) do
    local text = files.read(path)
    if text:find("ctx.apply", 1, true) and not text:find("ctx.aep", 1, true) then list[#list + 1] = path end
  end
  return list
end

--- A recipe of one destination whose schedule the test chooses.
local function recipe(schedule, more)
  return program.write(program.folder(), "recipe.lua", ([[
    local sluice = require "sluice"
    return sluice.recipe { name = "demo", version = "1", summary = "s", params = { %s },
      run = function(ctx, params)
        ctx.apply(sluice.destination { name = "n", type = "adobe-campaign", target = { remotePath = "/in" },
          auth = { domain = "d", host = "h", username = "u", password = sluice.secret.new("P", "x") },
          audiences = { { id = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1", name = params.rows,
            filename = "%%DESTINATION_NAME%%_%%SEGMENT_ID%%_%%DATETIME(YYYYMMdd_HHmmss)%%",
            schedule = sluice.schedule.%s } },
          attributes = { "person.name.firstName" } })
      end }]]):format(more or "", schedule))
end

--- One clear line, nothing on standard output.
local function refused(code, words, ...)
  local result = preview(words)
  assert.are.equal(code, result.code, result.err)
  assert.are.equal("", result.out)
  local line = result.err:gsub("^not given, so[^\n]*\n", "")
  assert.is_truthy(line:find "^sluice: [^\n]+\n$", line)
  for _, text in ipairs { ... } do assert.is_truthy(line:find(text, 1, true), result.err) end
end

describe("sluice preview", function()
  teardown(program.clean)

  for _, path in ipairs(applying()) do
    it("shows what a recipe exports, without network or secrets: " .. path, function()
      local result = preview { path }
      assert.are.equal(0, result.code, result.err)
      assert.is_truthy(result.out:find "^[^\n]+: what will be exported\n\n  To          %u", result.out)
      assert.is_truthy(result.err:find("nothing was sent; 'sluice run " .. path .. "' applies it\n", 1, true))
      for line in result.out:gmatch "[^\n]+" do
        assert.is_true(utf8.len(line) <= 80 or not line:find "%S%s+%S", line)
      end
      local document = core.json.decode(preview({ path, "--json" }).out)
      assert.are.equal(1, #document.destinations)
      assert.are.equal(path:match "([%w_]+)%.lua", document.recipe.name)
    end)
  end

  it("prints what the README shows", function()
    local line, page = files.read("README.md"):match "```sh\nbuild/bin/sluice preview ([^\n]+)\n```\n\n```text\n(.-)```"
    local script = program.write(program.folder(), "line.sh", ("exec %s preview %s\n"):format(program.PATH, line))
    local result = program.run({ script }, { program = "sh", env = { TZ = CENTRAL_EUROPE } })
    assert.are.equal(0, result.code, result.err)
    assert.are.equal(page, result.out)
  end)

  it("asks nobody, whatever the environment holds", function()
    local server <close> = program.bad_server "silent"
    local env = { AEP_BASE_URL = server.url, AEP_IMS_URL = server.url }
    for name, value in pairs(program.CREDENTIALS) do env[name] = value end
    local result = preview({ S3 }, { env = env, secrets = { AWS_SECRET_ACCESS_KEY = program.SECRET } })
    assert.are.equal(0, result.code, result.err)
    assert.is_nil((result.out .. result.err):find(program.SECRET, 1, true))
  end)

  it("loads nothing that could send", function()
    local result = preview({ S3 }, { env = { LD_DEBUG = "files" } })
    assert.are.equal(0, result.code)
    assert.is_truthy(result.err:find("liblua5.4", 1, true)) -- the loader tells what it loads
    assert.is_nil(result.err:find("libcurl", 1, true))
    assert.is_nil(result.err:find("libmicrohttpd", 1, true))
  end)

  it("takes the recipe's options, and its own before and behind the recipe", function()
    for _, words in ipairs { { "--rows", "5000001", "--exports=2", "--json", S3, "--bucket", "mine-2030" },
      { S3, "--exports", "2", "--bucket=mine-2030", "--rows=5000001", "--json" },
      { "--json", "--exports", "2", "--rows", "5000001", "--", S3, "--bucket", "mine-2030" } } do
      local result = preview(words)
      assert.are.equal(0, result.code, result.err)
      local exports = core.json.decode(result.out).destinations[1].audiences[1].exports
      assert.are.equal(2, #exports)
      assert.are.equal(2, #exports[1].files)
      assert.are.equal("mine-2030/exports/daily", exports[1].folder)
    end
  end)

  it("leaves an option to the recipe that has one of the same name", function()
    local script = recipe('daily { at = "02:00", from = "2030-01-01", to = "2030-01-05" }',
      '{ name = "rows", default = "no" }')
    local result = preview { "--rows", "5000001", script, "--rows", "Theirs" }
    assert.are.equal(0, result.code, result.err)
    assert.is_truthy(result.out:find("Audience: Theirs", 1, true), result.out)
    assert.is_truthy(result.out:find("5,000,001 in each audience", 1, true), result.out)
  end)

  it("shows UTC and the local zone, and keeps to UTC when the clocks change", function()
    local script = recipe 'every_hours(12) { at = "00:00", from = "2030-03-30", to = "2030-04-02" }'
    local there = preview({ script }, { env = { TZ = CENTRAL_EUROPE } })
    local utc = preview({ script }, { env = { TZ = "UTC" } })
    assert.are.equal(0, there.code, there.err)
    for _, line in ipairs { "Sat 2030-03-30 00:00 UTC   Sat 2030-03-30 01:00 CET   full",
      "Sun 2030-03-31 00:00 UTC   Sun 2030-03-31 01:00 CET   incremental",
      "Sun 2030-03-31 12:00 UTC   Sun 2030-03-31 14:00 CEST   incremental",
      "Mon 2030-04-01 12:00 UTC   Mon 2030-04-01 14:00 CEST   incremental",
      "on this machine's clock their hour moves" } do
      assert.is_truthy(there.out:gsub("\n%s+", " "):find(line, 1, true), there.out)
      assert.is_nil(utc.out:gsub("\n%s+", " "):find(line, 1, true), utc.out)
    end
    assert.is_truthy(utc.out:find("Sun 2030-03-31 12:00 UTC   incremental", 1, true), utc.out)
    local function stripped(text) return (text:gsub("   %u%l%l [%d-]+ [%d:]+ CES?T", "")) end
    assert.are.equal(select(2, utc.out:gsub("Campaign_0b4d[^\n]+", "")), 6)
    for name in utc.out:gmatch "Adobe_Campaign_0b4d[^\n]+" do
      assert.is_truthy(stripped(there.out):find(name, 1, true), name)
    end
  end)

  it("puts sandbox and organisation into names", function()
    local script = program.write(program.folder(), "names.lua", [[
      local sluice = require "sluice"
      return sluice.recipe { name = "demo", version = "1", summary = "s", params = {}, run = function(ctx)
        return ctx.apply(sluice.destination { name = "n", type = "data-landing-zone",
          target = { path = "in", fileType = "JSON", compression = "NONE" },
          audiences = { { id = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1",
            filename = "%SANDBOX_NAME%_%ORGANIZATION_NAME%_%SEGMENT_ID%_%DESTINATION%_%TIMESTAMP%",
            schedule = sluice.schedule.once { at = "02:00", on = "2030-01-01" } } },
          attributes = { "a.b" } })
      end }]])
    for expected, run in pairs {
      ["prod_{organization-name}_"] = { {} },
      ["dev_Example_Inc_"] = { { "--organization", "Example Inc" }, { AEP_SANDBOX = "dev" } },
      ["stage_"] = { { "--sandbox", "stage" }, { AEP_SANDBOX = "dev" } },
    } do
      local result = preview({ script, table.unpack(run[1]) }, { env = run[2] })
      assert.are.equal(0, result.code, result.err)
      assert.is_truthy(result.out:find("     " .. expected, 1, true), result.out)
    end
  end)

  it("shows several destinations one after the other", function()
    local script = program.write(program.folder(), "two.lua", [[
      local sluice = require "sluice"
      return sluice.recipe { name = "two", version = "1", summary = "s", params = {}, run = function(ctx)
        for _, name in ipairs { "First", "Second" } do
          ctx.apply(sluice.destination { name = name, type = "amazon-kinesis", target = { stream = "s", region = "r" },
            auth = { accessKeyId = "a", secretKey = sluice.secret.new("K", "k"), region = "r" },
            audiences = { { id = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1" } }, attributes = { "a.b" } })
        end
      end }]])
    local result = preview { script }
    assert.are.equal(0, result.code, result.err)
    assert.is_truthy(result.out:find "^First: what.*\n%-%-%-%-+\n\nSecond: what", result.out)
    assert.are.equal(2, #core.json.decode(preview({ script, "--json" }).out).destinations)
  end)

  it("has its own help, and the recipe's", function()
    local page = preview { "--help" }
    assert.are.equal(program.run({ "help", "preview" }).out, page.out)
    assert.is_truthy(page.out:find("--exports N", 1, true))
    assert.is_truthy(program.run({ "help" }).out:find("\n  preview ", 1, true))
    for line in page.out:gmatch "[^\n]+" do assert.is_true(utf8.len(line) <= 80, line) end
    local own = preview { S3, "--help" }
    assert.are.equal(0, own.code)
    assert.is_truthy(own.out:find("Usage: sluice preview " .. S3 .. " [options]", 1, true))
    assert.is_truthy(own.out:find("--bucket TEXT", 1, true))
  end)

  it("refuses wrong use in one line", function()
    refused(2, {}, "RECIPE is missing")
    refused(2, { "nowhere.lua" }, "nowhere.lua")
    refused(2, { "--row", "5", S3 }, "--row", "--rows")
    refused(2, { S3, "--export", "5" }, "unknown option '--export'", "did you mean '--exports'?")
    refused(2, { S3, "--buckt", "x" }, 'unknown option "--buckt"', "--bucket")
    refused(2, { S3, "--rows" }, "--rows")
    refused(2, { S3, "--rows", "many" }, "--rows: expected a whole number from 1 to 500000000", '"many"')
    refused(2, { S3, "--rows", "0" }, "--rows: expected a whole number", "got 0")
    refused(2, { S3, "--rows=99999999999999999999" }, "--rows: expected a whole number")
    refused(2, { S3, "--exports=101" }, "--exports: expected a whole number from 1 to 100")
    refused(2, { S3, "--exports=0x7" }, "--exports: expected a whole number")
    refused(2, { S3, "--sandbox", "" }, "--sandbox: expected a name")
    local plain = program.write(program.folder(), "plain.lua", "return 42")
    refused(2, { plain }, "returns no recipe")
    local idle = program.write(program.folder(), "idle.lua", [[
      return require("sluice").recipe { name = "idle", version = "1", summary = "s", params = {}, run = print }]])
    local result = preview { idle }
    assert.are.equal(1, result.code)
    assert.is_truthy(result.err:find("recipe idle applies no destination", 1, true), result.err)
  end)

  it("refuses what apply refuses, with the same findings", function()
    local words = { S3, "--time", "07:30", "--bucket", "Not A Bucket" }
    local applied = program.run { "run", "--emulate", table.unpack(words) }
    local result = preview(words)
    assert.are.equal(1, result.code)
    assert.are.equal("", result.out)
    assert.are.equal(applied.err:match "\nwarning .*", result.err:match "\nwarning .*")
    for _, place in ipairs { "/schedule/at", "/target/bucketName" } do
      assert.is_truthy(result.err:find(place, 1, true), result.err)
    end
  end)

  it("lets no recipe ask the service", function()
    for what, body in pairs {
      ["ctx.aep.flows"] = "run = function(ctx) return ctx.aep.flows:list() end",
      ["sluice.connect().flows"] = "run = function() return sluice.connect().flows:list() end",
    } do
      refused(1, { program.write(program.folder(), "asks.lua", ([[
        local sluice = require "sluice"
        return sluice.recipe { name = "asks", version = "1", summary = "s", params = {}, %s }]]):format(body)) },
        "preview sends nothing, but the recipe asks the service: " .. what, "--emulate")
    end
    local script = program.write(program.folder(), "top.lua", 'return require("sluice").connect().flows')
    refused(1, { script }, "preview sends nothing", "sluice.connect().flows")
  end)

  it("reports output that did not arrive", function()
    local errors = program.folder() .. "/err"
    local _, _, code = os.execute(("%s preview %s >/dev/full 2>%s"):format(program.PATH, S3, errors))
    assert.are.equal(1, code)
    assert.is_truthy(program.read(errors):find("cannot write to standard output", 1, true))
  end)
end)
