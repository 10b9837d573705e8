--- `sluice completion`: the scripts in the shells themselves; bash always, zsh and fish where they are installed.

local core = require "sluice.core"
local program = require "support.program"
local tmux = require "support.tmux"

local function quote(word) return "'" .. word:gsub("'", "'\\''") .. "'" end

local function is_installed(shell) return os.execute(("command -v %s >/dev/null"):format(shell)) == true end

local function sorted(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do list[#list + 1] = line end
  table.sort(list)
  return list
end

--- Types, and presses Tab when what was typed is on the screen; the line then holds what is expected.
local function tab(terminal, text, expected)
  terminal:type(text)
  terminal:sees(text)
  terminal:press "Tab"
  terminal:sees(expected)
end

local PROFILE = '{"org_id":"0123456789ABCDEF01234567@AdobeOrg","client_id":"c","secret":"%s","sandbox-name":"%s"}'

describe("sluice completion", function()
  local home, env

  local function run(words)
    local outcome = program.run(words, { env = env })
    assert.is_nil((outcome.out .. outcome.err):find(program.SECRET, 1, true))
    return outcome
  end

  --- What the program says may stand in the place of the last word.
  local function words(...) return run({ "completion", "--words", "--", ... }).out end

  local function first_words(...)
    local list = {}
    for line in words(...):gmatch "[^\n]+" do list[#list + 1] = line:match "^[^\t]*" end
    return list
  end

  setup(function()
    home = program.folder()
    assert(os.execute(("cd %s && mkdir -p config/sluice/profiles bin work/folder && ln -s %s bin/sluice && cd work "
      .. "&& touch recipe.lua 'a file.json'"):format(home, program.PATH)))
    for name, sandbox in pairs { live = "prod-eu", stage = "stage" } do
      program.write(home .. "/config/sluice/profiles", name .. ".json", PROFILE:format(program.SECRET, sandbox))
    end
    program.write(home .. "/work", "trap.lua", "os.execute 'touch ran'")
    program.write(home, "complete.bash", [[
eval "$(sluice completion bash)"
cd "$WORK" || exit
COMP_LINE=$1 COMP_POINT=${#1}
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_sluice "$1"
printf '%s\n' "${COMPREPLY[@]}"
]])
    env = { PATH = home .. "/bin:" .. os.getenv "PATH", XDG_CONFIG_HOME = home .. "/config", WORK = home .. "/work" }
  end)
  teardown(program.clean)

  describe("in the program", function()
    it("knows every command and its options", function()
      local commands = require "sluice.cli".COMMANDS
      local known = first_words ""
      assert.same({ table.unpack(commands) }, { table.unpack(known, 1, #commands) })
      assert.same({ ":files" }, { table.unpack(known, #commands + 1) })
      for _, name in ipairs(commands) do
        local page = run({ "help", name }).out
        local options = {}
        local rows = "\n" .. page:match "\nOptions:\n(.*)$"
        for option in rows:gmatch "\n  %-?%w?,? ?(%-%-[%w-]+)" do options[option] = true end
        options["--help"] = true
        for _, option in ipairs(first_words(name, "-")) do
          assert.is_true(options[option], name .. " has no option " .. option)
          options[option] = nil
        end
        assert.is_nil(next(options), name .. " lacks " .. tostring(next(options)))
      end
    end)

    it("completes what an option takes", function()
      assert.same({ "live", "stage" }, first_words("run", "--profile", ""))
      assert.same({ "--profile=live" }, first_words("run", "--profile=l"))
      assert.same({ "--profile=live" }, first_words("--profile=l"))
      assert.same({ ":files" }, first_words("--config=x"))
      assert.same({ "prod-eu", "prod" }, first_words("repl", "--sandbox", "pr"))
      assert.same({ "prod-eu" }, first_words("run", "--yes-production", "prod-"))
      assert.same({ "strict", "loose" }, first_words("run", "--replay-match", ""))
      assert.same({ "--trace=full" }, first_words("run", "--trace="))
      assert.same({ ":files" }, first_words("run", "--config", "x"))
      assert.same({ ":folders" }, first_words("run", "--exports", ""))
      assert.same({ "flows.create:", "flows.update:" }, { first_words("emulate", "--fault", "flows.create")[1],
        first_words("emulate", "--fault", "flows.update")[1] })
      assert.same({}, first_words("run", "--timeout", ""))
    end)

    it("offers an option once, unless it may be given again", function()
      assert.same({}, first_words("run", "--emulate", "--emul"))
      assert.same({ "--fault" }, first_words("run", "--fault", "busy", "--fau"))
      assert.same({ "--json" }, first_words("version", "--", "--js") and first_words("doctor", "--js"))
    end)

    it("completes arguments", function()
      assert.same({ "amazon-s3", "amazon-s3-v2" }, first_words("catalog", "amazon-s"))
      assert.same({ "help", "health" }, { first_words("help", "hel")[1], first_words("help", "heal")[1] })
      assert.same({ "status", "login", "logout" }, first_words("auth", ""))
      assert.same({ "login", "logout" }, first_words("auth", "--profile", "live", "lo"))
      assert.same({}, first_words("auth", "login", ""))
      assert.same({ "flows" }, first_words("list", "fl") and { first_words("list", "flows")[1] })
      assert.same({ "bash", "zsh", "fish" }, first_words("completion", ""))
      assert.same({ "live", "stage" }, first_words("config", "show", ""))
      assert.same({ "sandbox-name=", ":open" }, first_words("config", "set", "live", "sandb"))
      assert.same({ ":files" }, first_words("config", "import", ""))
    end)

    it("knows the recipes of the library and their options", function()
      assert.same({ "activate_amazon_s3", "activate_amazon_s3_v2", ":files" }, first_words("run", "activate_amazon_s"))
      assert.same({ "--host" }, first_words("run", "--emulate", "activate_sftp", "--ho"))
      assert.same({ "--host", "--har" }, first_words("run", "activate-sftp", "--h") and
        { first_words("run", "activate-sftp", "--ho")[1], first_words("run", "activate-sftp", "--ha")[1] })
      assert.same({ "--emulate" }, first_words("run", "activate_sftp", "--emul"))
      assert.same({ "show", "eject" }, first_words("recipes", ""))
      assert.same({ "activate_oracle_eloqua" }, first_words("recipes", "show", "activate_oracle_e"))
    end)

    it("runs no file of the user's", function()
      for _, name in ipairs { "trap.lua", "./trap.lua", home .. "/work/trap.lua" } do
        program.run({ "-c", ('cd "$WORK" && sluice completion --words -- run %s --'):format(name) },
          { program = "sh", env = env })
      end
      assert.is_nil(core.files.look(home .. "/work/ran"))
    end)

    it("says nothing about what it does not understand", function()
      for _, line in ipairs { { "nonsense", "" }, { "run", "--nonsense", "" }, { "run", "\27[31m", "\n" }, { "" , "" },
        { "config", "set", "../..", "" }, { "list", "flows", "x", "y" }, { "run", "--profile=../", "--" } } do
        local outcome = run({ "completion", "--words", "--", table.unpack(line) })
        assert.equal(0, outcome.code)
        assert.equal("", outcome.err)
        assert.is_nil(outcome.out:find "\27")
      end
      program.write(home .. "/config/sluice/profiles", "broken.json", "{")
      assert.same({ "prod-eu", "stage", "prod" }, first_words("run", "--sandbox", ""))
      os.remove(home .. "/config/sluice/profiles/broken.json")
    end)

    it("names the shells it knows", function()
      local outcome = run { "completion", "bsh" }
      assert.equal(2, outcome.code)
      assert.is_truthy(outcome.err:find("did you mean", 1, true), outcome.err)
      assert.equal(2, run({ "completion" }).code)
    end)
  end)

  describe("in bash", function()
    --- What completes a line, broken into words as bash breaks it.
    local function complete(line)
      local command = { quote(home .. "/complete.bash"), quote(line) }
      for part in (line .. "\0"):gmatch "[^%s\0]*[%s\0]" do
        for word in part:gsub("[=:]", "\1%0\1"):gmatch "[^\1%s\0]+" do command[#command + 1] = quote(word) end
      end
      if line:find " $" then command[#command + 1] = "''" end
      local outcome = program.run({ "-c", "bash " .. table.concat(command, " ") }, { program = "bash", env = env })
      assert.equal("", outcome.err)
      return sorted(outcome.out)
    end

    it("completes commands, options, values and files", function()
      assert.same({ "version" }, complete "sluice vers")
      assert.same({ "--profile" }, complete "sluice run --prof")
      assert.same({ "live", "stage" }, complete "sluice run --profile ")
      assert.same({ "live" }, complete "sluice run --profile=l")
      assert.same({ "live", "stage" }, complete "sluice run --profile=")
      assert.same({ "a file.json" }, complete "sluice run --config a")
      assert.same({ "a file.json" }, complete "sluice config import a")
      assert.same({ "recipe.lua" }, complete "sluice run rec")
      assert.same({ "recipe.lua" }, complete "sluice rec" and complete "sluice check rec")
      assert.same({ "folder" }, complete "sluice run --exports ")
      assert.same({ "true" }, complete "sluice config set live protected=t")
      assert.same({ "" }, { complete "sluice run --timeout "[1] or "" })
    end)

    it("works at a prompt", function()
      local terminal <close> = tmux.start({ "--norc", "--noprofile" }, { program = "bash", folder = home .. "/work",
        env = { PATH = env.PATH, XDG_CONFIG_HOME = env.XDG_CONFIG_HOME, PS1 = "ready> " } })
      terminal:sees "ready>"
      terminal:type 'eval "$(sluice completion bash)"; clear'
      terminal:press "Enter"
      terminal:at_prompt()
      tab(terminal, "sluice run --replay-m", "ready> sluice run --replay-match")
      tab(terminal, "st", "--replay-match strict")
      tab(terminal, "--profile=li", "--profile=live")
      tab(terminal, "recipe.l", "recipe.lua")
      terminal:type "x"
      terminal:sees "ready> sluice run --replay-match strict --profile=live recipe.lua x"
    end)

    it("has a script that shellcheck likes", function()
      if not is_installed "shellcheck" then return pending "shellcheck is not installed" end
      local path = program.write(home, "sluice.bash", run({ "completion", "bash" }).out)
      assert.is_true(os.execute("shellcheck -s bash " .. path))
    end)
  end)

  describe("in fish", function()
    local function complete(line)
      local outcome = program.run({ "-c", "cd $WORK; sluice completion fish | source; complete -C " .. quote(line) },
        { program = "fish", env = env })
      return (outcome.out:gsub("\t[^\n]*", ""))
    end

    it("completes commands, options, values and files", function()
      if not is_installed "fish" then return pending "fish is not installed" end
      assert.equal("version\n", complete "sluice vers")
      assert.equal("--profile\n", complete "sluice run --prof")
      assert.equal("live\nstage\n", complete "sluice run --profile ")
      assert.equal("--profile=live\n", complete "sluice run --profile=l")
      assert.equal("recipe.lua\n", complete "sluice run rec")
      assert.equal("--config=recipe.lua\n", complete "sluice run --config=rec")
      assert.equal("folder/\n", complete "sluice run --exports fol")
      assert.same({ "protected=false", "protected=true" }, sorted(complete "sluice config set live pro"))
    end)
  end)

  describe("in zsh", function()
    it("completes commands, options, values and files at a prompt", function()
      if not is_installed "zsh" then return pending "zsh is not installed" end
      local terminal <close> = tmux.start({ "-f" }, { program = "zsh", folder = home .. "/work", columns = 120,
        env = { PATH = env.PATH, XDG_CONFIG_HOME = env.XDG_CONFIG_HOME, PS1 = "ready> " } })
      terminal:sees "ready>"
      terminal:type 'autoload -U compinit; compinit -D; eval "$(sluice completion zsh)"; clear'
      terminal:press "Enter"
      terminal:at_prompt()
      tab(terminal, "sluice versi", "ready> sluice version")
      terminal:press "C-u"
      tab(terminal, "sluice run --replay-m", "ready> sluice run --replay-match")
      tab(terminal, "st", "--replay-match strict")
      tab(terminal, "--profile=li", "--profile=live")
      tab(terminal, "--config=recipe.l", "--config=recipe.lua")
      terminal:type "x"
      terminal:sees "ready> sluice run --replay-match strict --profile=live --config=recipe.lua x"
      terminal:press "C-u"
      tab(terminal, "sluice config set live client_", "client_id=")
      terminal:type "x"
      terminal:sees "client_id=x"
    end)
  end)
end)
