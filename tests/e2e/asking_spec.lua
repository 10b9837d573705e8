--- What a recipe asks for at a terminal: parameters that lack, and questions of its own.

local program = require "support.program"
local tmux = require "support.tmux"

local RECIPE = [[
local sluice = require "sluice"
return sluice.recipe { name = "demo", version = "1.0.0", summary = "Asks for things",
  params = {
    { name = "bucket", help = "where to", pattern = "[a-z]+", form = "small letters", example = "b" },
    { name = "count", type = "integer", min = 1, env = "DEMO_COUNT" },
    { name = "who", type = "list", of = "audience", help = "for whom", required = true },
    { name = "key", type = "secret", env = "DEMO_KEY", help = "of the door" },
  },
  run = function(ctx, params)
    local names = {}
    for i, audience in ipairs(params.who) do names[i] = audience.name end
    ctx.output(("%s %d %s %s %s"):format(params.bucket, params.count, table.concat(names, "+"), params.key,
      params.key == sluice.secret.new("x", "hunter2")))
  end }]]

describe("at a terminal", function()
  local folder, server
  setup(function()
    folder = program.folder()
    program.write(folder, "demo.lua", RECIPE)
    server = program.emulate()
  end)
  teardown(function()
    server:signal "TERM"
    program.clean()
  end)

  local function start(...)
    return tmux.start({ "run", "--base-url", server.url, "--ims-url", server.url, ... },
      { env = program.CREDENTIALS, folder = folder, columns = 100 })
  end

  it("a recipe asks for what lacks, again where an answer will not do, and shows no secret", function()
    local terminal <close> = start("demo.lua")
    terminal:sees "demo 1.0.0: Asks for things"
    terminal:sees "bucket, where to (small letters; such as b):"
    terminal:type "X9"
    terminal:press "Enter"
    terminal:sees "  expected small letters"
    terminal:type "abc"
    terminal:press "Enter"
    terminal:sees "count (at least 1):"
    terminal:type "0"
    terminal:press "Enter"
    terminal:sees "  expected at least 1"
    terminal:type "4"
    terminal:press "Enter"
    terminal:sees "who, for whom (again for more):"
    terminal:type "Hihg value"
    terminal:press "Enter"
    terminal:sees 'there is no audience named "Hihg value"'
    terminal:type "High value"
    terminal:press "Enter"
    terminal:sees "another who, or nothing:"
    terminal:type "Loyal customers, north"
    terminal:press "Enter"
    terminal:sees("another who, or nothing:.*another who, or nothing:", false)
    terminal:press "Enter"
    terminal:sees "key, of the door:"
    terminal:type "hunter2"
    terminal:press "Enter"
    local screen = terminal:sees "ended with 0"
    assert.truthy(screen:find("abc 4 High value+Loyal customers, north ‹secret DEMO_KEY› true", 1, true), screen)
    assert.falsy(screen:find("hunter2", 1, true), screen)
  end)

  it("Ctrl-C at a question ends it with 130", function()
    for _, options in ipairs { {}, { "--bucket", "a", "--count", "1", "--who", "High value" } } do
      local terminal <close> = start("demo.lua", table.unpack(options))
      terminal:sees(#options == 0 and "bucket, where to" or "key, of the door")
      terminal:press "C-c"
      local screen = terminal:sees "ended with 130"
      assert.truthy(screen:find("sluice: interrupted", 1, true), screen)
    end
  end)

  it("three empty answers are none", function()
    local terminal <close> = start("demo.lua", "--count=1", "--who=High value", "--key=cmd:echo x")
    for _ = 1, 3 do
      terminal:sees "bucket, where to"
      terminal:press "Enter"
    end
    assert.truthy(terminal:sees("ended with 2"):find("--bucket is missing", 1, true))
  end)

  it("many rows are asked once for what stands in none of them", function()
    program.write(folder, "rows.csv", "bucket,count,who\na,1,High value\nb,2,Abandoned carts\n")
    local terminal <close> = start("demo.lua", "--params", "rows.csv")
    terminal:sees "key, of the door:"
    terminal:type "hunter2"
    terminal:press "Enter"
    local screen = terminal:sees "ended with 0"
    assert.truthy(screen:find("2 rows: 2 done", 1, true), screen)
  end)

  it("many rows show how far they are, and then what went wrong", function()
    program.write(folder, "slow.lua", [[
      local sluice = require "sluice"
      return sluice.recipe { name = "slow", version = "1", summary = "s", params = { { name = "n", type = "integer" } },
        run = function(ctx, params)
          assert(ctx.aep and params.n ~= 2, "two is not to be")
          sluice.sleep(params.n == 1 and 2.5 or 0.1)
        end }]])
    program.write(folder, "slow.csv", "n\n1\n2\n3\n")
    local terminal <close> = start("slow.lua", "--params", "slow.csv")
    terminal:sees "1 of 3 rows done, 1 failed, 1 at work"
    local screen = terminal:sees "ended with 1"
    assert.truthy(screen:find("failed      row 2", 1, true), screen)
    assert.truthy(screen:find("two is not to be", 1, true), screen)
    assert.falsy(screen:find("1 of 3 rows done", 1, true), screen)
    assert.falsy(screen:find("done        row 3", 1, true), screen)
  end)

  it("ctx.progress shows how far a longer work is, and leaves nothing behind", function()
    program.write(folder, "work.lua", [[
      local sluice = require "sluice"
      return sluice.recipe { name = "work", version = "1", summary = "s", params = {}, run = function(ctx)
        local work = ctx.progress(3)
        for i = 1, 3 do
          work:step(i, "piece " .. i)
          sluice.sleep(i == 2 and 2.5 or 0.1)
        end
        ctx.step("tidy up", function() end)
      end }]])
    local terminal <close> = start("work.lua")
    terminal:sees "2 of 3  piece 2"
    local screen = terminal:sees "ended with 0"
    assert.falsy(screen:find("of 3  piece", 1, true), screen)
    assert.truthy(screen:find("done      step .* ms  tidy up"), screen)
  end)

  it("ctx.confirm asks, --yes answers, and without a terminal it says so", function()
    local path = program.write(folder, "ask.lua", [[
      return require("sluice").recipe { name = "ask", version = "1", summary = "s", params = {},
        run = function(ctx) ctx.output(ctx.confirm("Really do it?") and "did it" or "left it") end }]])
    for answer, said in pairs { y = "did it", ["YES "] = "did it", n = "left it", [""] = "left it" } do
      local terminal <close> = start("ask.lua")
      terminal:sees "Really do it? [y/N]:"
      if answer ~= "" then terminal:type(answer) end
      terminal:press "Enter"
      assert.truthy(terminal:sees("ended with 0"):find(said, 1, true))
    end
    local result = program.run { "run", path, "--emulate", "--yes" }
    assert.same({ 0, "did it\n" }, { result.code, result.out })
    result = program.run { "run", path, "--emulate" }
    assert.equal(2, result.code)
    assert.truthy(result.err:find("the recipe asks: Really do it? There is no terminal to answer at (--yes answers",
      1, true), result.err)
  end)
end)
