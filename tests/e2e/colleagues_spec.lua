--- The README's recipe for colleagues: its files, saved as it says, and each of its commands.

local core = require "sluice.core"
local files = require "support.files"
local program = require "support.program"

local SECTION = files.read("README.md"):match "\n## Recipes for colleagues\n(.-)\n## "

--- What stands in the section's block of a language.
local function block(language) return assert(SECTION:match("```" .. language .. "\n(.-)```")) end

describe("the README's recipe for colleagues", function()
  local folder, server
  setup(function()
    folder = program.folder()
    server = program.emulate()
    program.write(folder, "newsletter.lua", block "lua")
    program.write(folder, "one.json", block "json")
    program.write(folder, "rows.csv", block "csv")
    program.write(folder, "key", ("A/+1"):rep(10) .. "\n")
  end)
  teardown(function()
    server:signal "TERM"
    program.clean()
  end)

  --- Runs a shell line where the files are.
  local function shell(line)
    local output = program.folder()
    local env = { ('cd "%s" && PATH=%s:$PATH'):format(folder, program.PATH:match "^(.*)/"),
      "export AEP_BASE_URL=" .. server.url, "export AEP_IMS_URL=" .. server.url, "export XDG_STATE_HOME=" .. output }
    for name, value in pairs(program.CREDENTIALS) do env[#env + 1] = ("export %s='%s'"):format(name, value) end
    local script = program.write(output, "line.sh", table.concat(env, "\n") .. "\n" .. line .. "\n")
    local _, _, code = os.execute(("timeout 60 sh %s >%s/out 2>%s/err </dev/null"):format(script, output, output))
    return code, program.read(output .. "/out"), program.read(output .. "/err")
  end

  it("has commands that do what they are said to do", function()
    local lines = {}
    for line in SECTION:gmatch "\n([^\n]*sluice run newsletter%.lua[^\n]*)" do lines[#lines + 1] = line end
    assert.equal(5, #lines)
    local said = {
      { "\nDataflow: Newsletter north\n", "the last export is before 2030-01-31\n" },
      { "\nDataflow: Newsletter south\n", "the last export is before 2030-02-08\n" },
      { "", "3 rows: 3 done\n" },
      { "", "3 rows: 3 done (3 of them before)\n" },
      { '"totals": {\n    "done": 3,\n    "rows": 3\n  }', "" },
    }
    for i, line in ipairs(lines) do
      local code, out, err = shell(line)
      assert.equal(0, code, line .. "\n" .. err)
      assert.truthy(out == said[i][1] or said[i][1] ~= "" and out:find(said[i][1], 1, true), line .. "\n" .. out)
      assert.truthy(err:find(said[i][2], 1, true), line .. "\n" .. err)
    end
    assert.equal(5, #core.json.decode(select(2, shell("sluice list flows --json"))))
  end)

  it("asks for nothing where nobody sits, and says what lacks", function()
    local code, out, err = shell "sluice run newsletter.lua --from soon --nights 0 --folder 'A b'"
    assert.equal(2, code)
    assert.equal("", out)
    for _, part in ipairs { '--from: got "soon", expected a day', '--nights: got "0", expected from 1 to 366',
      "--folder: got \"A b\", expected small letters, digits, - and /", "--list is missing", "--audience is missing",
      "secret_key is missing: set S3_SECRET_KEY" } do
      assert.truthy(err:find(part, 1, true), err)
    end
  end)

  it("names every type and every field of ctx", function()
    for _, name in ipairs(require("sluice.recipe.types").names) do
      assert.truthy(SECTION:find("`" .. name .. "`", 1, true), name)
    end
    local context = files.read("lua/sluice/recipe.lua"):match "%-%-%-@class sluice.recipe.context\n(.-)\n\n"
    for name in context:gmatch "%-%-%-@field ([%w_]+)" do
      assert.truthy(name == "example_dataflow" or SECTION:find("`." .. name, 1, true), name)
    end
  end)
end)
