--- Where secrets come from, seen from outside: references as options, standard input, programs, and the terminal.

local program = require "support.program"
local tmux = require "support.tmux"

local SECRET = program.SECRET
local RECIPE = "scripts/activate_sftp.lua"

--- A script that says whether a secret is the expected one.
local function judge(folder, expression)
  return program.write(folder, "judge.lua", ([[
    local sluice = require "sluice"
    local secret = %s
    print(secret, secret == sluice.secret.env "EXPECTED")
  ]]):format(expression))
end

describe("a secret of a recipe", function()
  teardown(program.clean)

  local function run(reference, env)
    local result = program.run({ "run", "--emulate", RECIPE, "--password", reference }, { env = env })
    assert.falsy((result.out .. result.err):find(SECRET, 1, true))
    return result
  end

  it("may be given as an option by reference", function()
    local file = program.write(program.folder(), "key", SECRET .. "\n")
    for _, reference in ipairs { "file:" .. file, "env:MINE", "cmd:printf %s " .. '"x y"' } do
      local result = run(reference, { MINE = SECRET })
      assert.equal(0, result.code, result.err)
      assert.falsy(result.err:find("SFTP_PASSWORD", 1, true), result.err) -- neither an example nor to be set
    end
  end)

  it("is refused when it stands there itself, or when the reference leads nowhere", function()
    for reference, expected in pairs {
      [SECRET] = "--password: a secret is never an argument, where other users could see it; set SFTP_PASSWORD, or "
        .. "give a reference: env:NAME, file:PATH or cmd:PROGRAM",
      ["env:NOWHERE"] = "env:NOWHERE: that environment variable is not set",
      ["file:/no/where"] = "the secret from /no/where: cannot be opened: No such file or directory",
      ["cmd:false"] = "the secret from the command false: it ended with code 1",
      ["cmd:cat /etc/hostname | head"] = "a command with an unquoted |: it is called without a shell",
    } do
      local result = run(reference)
      assert.equal(2, result.code)
      assert.truthy(result.err:find(expected, 1, true), result.err)
    end
  end)

  it("is explained by the recipe's help", function()
    local page = program.run { "run", RECIPE, "--help" }
    local text = "by a REF: env:NAME, file:PATH, cmd:PROGRAM\n  SFTP_PASSWORD, --password REF"
    assert.truthy(page.out:find(text, 1, true), page.out)
    for line in page.out:gmatch "[^\n]+" do assert.is_true(utf8.len(line) <= 80, line) end
  end)
end)

describe("a secret of a script", function()
  teardown(program.clean)

  it("may come on standard input", function()
    local script = judge(program.folder(), "sluice.secret.stdin 'pipe'")
    local result = program.run({ "run", script }, { stdin = SECRET .. "\n", env = { EXPECTED = SECRET } })
    assert.equal("‹secret pipe›\ttrue\n", result.out, result.err)
    result = program.run({ "run", script })
    assert.equal(3, result.code)
    assert.equal("sluice: the secret from standard input: it is empty\n", result.err)
  end)

  it("may come from a pipe that the shell made", function()
    local script = judge(program.folder(), "sluice.secret.file(arg[1], 'pipe')")
    local result = program.run({ "-c", ('%s run %s <(printf %%s "$EXPECTED")'):format(program.PATH, script) },
      { program = "bash", env = { EXPECTED = SECRET } })
    assert.equal("‹secret pipe›\ttrue\n", result.out, result.err)
  end)

  it("is not asked for where there is no terminal", function()
    local result = program.run({ "run", judge(program.folder(), "sluice.secret.prompt 'Password'") },
      { program = program.PATH, prefix = "setsid -w" })
    assert.equal(3, result.code)
    assert.equal("sluice: the secret from the terminal: there is no terminal to ask on\n", result.err)
  end)

  it("is waited for no longer when the run is interrupted", function()
    local folder = program.folder()
    local script = program.write(folder, "wait.lua",
      ("require('sluice').secret.command { 'sh', '-c', 'echo $$ >%s/pid; exec sleep 1000' }"):format(folder))
    local process <close> = program.start { "run", script }
    local child
    for _ = 1, 500 do -- until it waits for the other program
      child = (program.read(folder .. "/pid") or ""):match "%d+"
      if child then break end
      os.execute "sleep 0.02"
    end
    process:signal "INT"
    assert.equal(130, process:wait(), process:errors())
    assert.matches("^sluice: interrupted\n$", process:errors())
    assert.is_nil(os.execute(("kill -0 %s 2>/dev/null"):format(child))) -- nothing is left running
  end)
end)

describe("a secret that is typed", function()
  teardown(program.clean)

  it("does not show, and the terminal shows again what is typed after it", function()
    local terminal <close> = tmux.start({ "run", judge(program.folder(), "sluice.secret.prompt 'Its password'") },
      { env = { EXPECTED = SECRET } })
    terminal:sees "Its password:"
    terminal:type(SECRET)
    terminal:press "Enter"
    local screen = terminal:sees "ended with 0"
    assert.matches("Its password:\n‹secret Its password›%s+true\n", screen)
    assert.falsy(screen:find(SECRET, 1, true))
    terminal:type "to be seen"
    terminal:sees "to be seen"
  end)

  it("may be given up with Ctrl-C or Ctrl-D; the terminal is as before", function()
    for key, ending in pairs { ["C-c"] = "ended with 130", ["C-d"] = "nothing was typed" } do
      local terminal <close> = tmux.start { "run", judge(program.folder(), "sluice.secret.prompt 'Its password'") }
      terminal:sees "Its password:"
      if key == "C-c" then terminal:type "half of it" end
      terminal:press(key)
      assert.falsy(terminal:sees(ending):find("half", 1, true))
      terminal:sees "ended with"
      terminal:type "to be seen"
      terminal:sees "to be seen"
    end
  end)
end)
