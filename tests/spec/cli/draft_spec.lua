--- Files that a command writes for the user to go on with.

local core = require "sluice.core"
local draft = require "sluice.cli.draft"
local outcome = require "spec.support.outcome"

describe("drafts", function()
  local folder
  setup(function()
    local pipe <close> = assert(io.popen "mktemp -d")
    folder = pipe:read "l"
    package.loaded["sluice.host"] = { printable = function(text) return text end } -- only the program has it
  end)
  teardown(function()
    package.loaded["sluice.host"], package.loaded["sluice.cli.text"] = nil, nil
    os.execute("rm -r " .. folder)
  end)

  it("are written all of them or none", function()
    local first, second = folder .. "/a", folder .. "/b"
    local failure = outcome.failure(draft.write, { { path = first, text = "1" },
      { path = folder .. "/no/b", text = "" } })
    assert.same({ "io", "make the folder first: mkdir -p " .. folder .. "/no" }, { failure.kind, failure.hint })
    assert.is_nil(core.files.look(first))
    draft.write { { path = second, text = "2" } }
    failure = outcome.failure(draft.write, { { path = first, text = "1" }, { path = second, text = "3" } })
    assert.equal("io", failure.kind)
    assert.is_nil(failure.hint)
    assert.is_nil(core.files.look(first))
    assert.equal("2", assert(io.open(second)):read "a")
  end)

  it("say what is in their way", function()
    local path = folder .. "/c"
    assert.is_nil(draft.look(path))
    draft.refuse(path)
    assert(io.open(path, "w")):close()
    assert.same({ "usage", path .. " is there already, and stays as it is", "so" }, (function()
      local failure = outcome.failure(draft.refuse, path, "so")
      return { failure.kind, failure.message, failure.hint }
    end)())
  end)
end)
