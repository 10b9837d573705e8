--- The manual page, and what is installed with the program.

local core = require "sluice.core"
local program = require "support.program"

local BUILD = os.getenv "SLUICE_BUILD"

local function is_installed(name) return os.execute(("command -v %s >/dev/null"):format(name)) == true end

local function page() return program.run({ "help", "--man" }).out end

--- What a command of the shell prints, both streams together.
local function printed(command)
  local pipe <close> = assert(io.popen(("unset LD_PRELOAD; (%s) 2>&1"):format(command))) -- a sanitizer is for our own
  return pipe:read "a"
end

--- The page as a reader sees it, in one line of words.
local function shown(path)
  return (printed(("groff -man -Tutf8 -P -cbou %s"):format(path)):gsub("\u{2010}\n%s*", ""):gsub("%s+", " "))
end

describe("the manual page", function()
  local path
  setup(function() path = program.write(program.folder(), "sluice.1", page()) end)
  teardown(program.clean)

  it("is the same each time", function() assert.equal(page(), page()) end)

  it("is plain ASCII, and hands nothing of the texts to roff", function()
    assert.is_nil(page():find "[\x80-\xFF\27]")
    for line in page():gmatch "[^\n]+" do
      assert.is_truthy(not line:find "^[.']" or line:find "^%.[A-Z][A-Z]?%f[%s\0]" or line:find "^%.[nf][fi]$"
        or line:find "^%.br$" or line:find "^%.in", line)
    end
  end)

  it("gives groff nothing to warn of", function()
    if not is_installed "groff" then return pending "groff is not installed" end
    assert.equal("", printed(("groff -ww -man -Tutf8 %s >/dev/null"):format(path)))
  end)

  it("gives mandoc nothing to warn of but the date it lacks", function()
    if not is_installed "mandoc" then return pending "mandoc is not installed" end
    local said = printed(("mandoc -Tlint -Wwarning %s"):format(path))
    assert.equal("", (said:gsub("[^\n]*missing date[^\n]*\n", "")))
  end)

  it("can be read by man", function()
    if not is_installed "man" then return pending "man is not installed" end
    assert.is_truthy(printed(("MANPAGER=cat man -l %s"):format(path)):find("SLUICE(1)", 1, true))
  end)

  it("has every command with its options, notes and example", function()
    if not is_installed "groff" then return pending "groff is not installed" end
    local text = shown(path)
    for _, name in ipairs(require("sluice.cli").COMMANDS) do
      local help = program.run({ "help", name }).out
      assert.is_truthy(text:find("sluice " .. name, 1, true), name)
      for option in help:gmatch "\n  %-?%w?,? ?(%-%-[%w-]+)" do
        assert.is_truthy(option == "--help" or text:find(option, 1, true), name .. " " .. option)
      end
      local example = help:match "Example:\n  ([^\n]+)"
      assert.is_truthy(text:find(example:gsub("%s+", " "), 1, true), example)
    end
  end)

  it("has every variable that the program reads", function()
    for variable in printed("grep -rhoE 'AEP_[A-Z_]+' lua/sluice"):gmatch "[^\n]+" do
      assert.is_truthy(page():find(variable, 1, true), variable)
    end
  end)
end)

describe("cmake --install", function()
  local folder
  setup(function()
    folder = program.folder()
    local said = printed(("cmake --install %s --prefix %s"):format(BUILD, folder))
    assert.is_truthy(core.files.look(folder .. "/bin/sluice"), said)
  end)
  teardown(program.clean)

  it("installs a program that runs", function()
    local outcome = program.run({ "run", "--emulate", "-" }, { program = folder .. "/bin/sluice",
      stdin = "print(#require('sluice').connect().flows:list())" })
    assert.equal("", outcome.err)
    assert.equal("0\n", outcome.out)
  end)

  it("installs manual page and completions where they are looked for", function()
    assert.equal(page(), program.read(folder .. "/share/man/man1/sluice.1"))
    for place, shell in pairs { ["bash-completion/completions/sluice"] = "bash",
      ["zsh/site-functions/_sluice"] = "zsh", ["fish/vendor_completions.d/sluice.fish"] = "fish" } do
      assert.equal(program.run({ "completion", shell }).out, program.read(folder .. "/share/" .. place), place)
    end
  end)
end)
