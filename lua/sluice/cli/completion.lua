--- `sluice completion bash|zsh|fish`: the script that lets a shell complete Sluice's command line.

local M = {
  name = "completion",
  summary = "print the completion script of a shell",
  usage = "bash|zsh|fish",
  argument = { name = "SHELL", help = "bash, zsh or fish" },
  options = {},
  notes = [[
bash  eval "$(sluice completion bash)", in ~/.bashrc to have it always
zsh   eval "$(sluice completion zsh)", in ~/.zshrc behind compinit
fish  sluice completion fish > ~/.config/fish/completions/sluice.fish

It completes commands, options and their values, recipes and their options,
profiles, sandboxes that profiles name, destinations of the catalog, and files.
No network is used, and no file is run.
]],
  example = "sluice completion bash > ~/.local/share/bash-completion/completions/sluice",
}

local SHELLS = { "bash", "zsh", "fish" }

--- A text as one line without anything that a shell's menu could stumble over.
local function line_of(text) return (require("sluice.terminal.clean").line(text):gsub("[\t\n]", " ")) end

--- What the scripts ask. Whoever presses Tab is not to see errors.
local function print_words(words)
  local ok, list, kind = pcall(require("sluice.cli.completion.words").complete, words)
  if not ok then return end
  for _, candidate in ipairs(list) do
    io.write(line_of(candidate[1]), candidate[2] and "\t" .. line_of(candidate[2]) or "", "\n")
  end
  if kind then io.write(":", kind, "\n") end
end

---@param words string[]
---@return integer exit_code
function M.run(words)
  if words[1] == "--words" then
    print_words(table.move(words, words[2] == "--" and 3 or 2, #words, 1, {}))
    return 0
  end
  local command = require "sluice.cli.command"
  local values = command.read(M, words)
  if not values then return 0 end
  local script = require("sluice.cli.completion.scripts")[values.SHELL]
  if not script then
    local expected = require("sluice.suggest").expected(values.SHELL, SHELLS)
    command.usage_error(M, values.SHELL and ("no completion for '%s': %s"):format(values.SHELL, expected)
      or "the shell is missing: " .. expected)
  end
  io.write(script)
  return 0
end

return M
