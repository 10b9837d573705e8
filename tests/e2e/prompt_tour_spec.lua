--- The session that the README shows is what one sees when one types it.

local chunk = require "sluice.repl.chunk"
local files = require "support.files"
local program = require "support.program"
local tmux = require "support.tmux"

local PROMPT = "emulator:prod> "

--- The lines of a text.
local function lines_of(text)
  local list = {}
  for line in text:gmatch "([^\n]*)\n" do list[#list + 1] = line end
  return list
end

--- What is typed at the prompt that begins at line `i`: lines until they are complete.
local function typed_at(lines, i)
  local typed = { lines[i]:sub(#PROMPT + 1) }
  while chunk.read(table.concat(typed, "\n")).kind == "incomplete" do
    i = i + 1
    typed[#typed + 1] = lines[i]
  end
  return typed
end

describe("the README's session", function()
  teardown(program.clean)

  it("is what comes when it is typed", function()
    local command, session = files.read("README.md"):match "```text\n%$ build/bin/sluice ([^\n]+)\n(emulator.-)```"
    local words, folder = {}, program.folder()
    for word in command:gmatch "%S+" do words[#words + 1] = word end
    local terminal <close> = tmux.start(words, { home = folder, folder = folder })
    local lines = lines_of(session)
    for i, line in ipairs(lines) do
      if line:sub(1, #PROMPT) == PROMPT then
        local before = terminal:at_prompt()
        for _, typed in ipairs(typed_at(lines, i)) do
          terminal:type(typed)
          terminal:press "Enter"
        end
        terminal:at_prompt(nil, before)
      end
    end
    local shown = terminal:screen():match(PROMPT .. ".*")
    assert.are.equal(session .. "emulator:prod>\n", shown)
    local run = program.run({ "run", "--emulate", folder .. "/carts.lua" }, { secrets = { SFTP_PASSWORD = "x" } })
    assert.are.equal("", run.err)
    assert.are.equal(0, run.code)
  end)
end)
