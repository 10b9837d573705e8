--- Where a user's own files lie, and where they never do.

local config = require "sluice.config"
local folders = require "sluice.folders"
local history = require "sluice.repl.history"
local tokens = require "sluice.tokens"

local function of(variables)
  return folders.of("XDG_CONFIG_HOME", ".config", function(name) return variables[name] end)
end

describe("folders", function()
  it("are named by their variable, else below the home folder", function()
    assert.equal("/x", of { XDG_CONFIG_HOME = "/x", HOME = "/h" })
    assert.equal("/h/.config", of { HOME = "/h" })
    assert.equal("/h/.config", of { XDG_CONFIG_HOME = "", HOME = "/h" })
    assert.is_nil(of {})
    assert.is_nil(of { HOME = "" })
  end)

  it("never lie in the working directory", function()
    assert.equal("/h/.config", of { XDG_CONFIG_HOME = "x", HOME = "/h" })
    assert.is_nil(of { XDG_CONFIG_HOME = "x", HOME = "h" })
    local function env(name) return name == "HOME" and "/h" or "x" end
    assert.equal("/h/.config/sluice/profiles/p.json", config.profile_path("p", env))
    assert.equal("/h/.local/state/sluice/history/p", history.path("p", env))
    assert.equal("/h/.local/state/sluice/tokens", tokens.folder(env))
  end)
end)
