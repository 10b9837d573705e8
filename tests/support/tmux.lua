--- A terminal in which the program runs: tmux, with a server of its own. Keys go in, the screen comes out.

local program = require "support.program"

local M = {}

local Terminal = {}
Terminal.__index = Terminal

local function quote(word) return "'" .. word:gsub("'", "'\\''") .. "'" end

function Terminal:tmux(...)
  local words = { "env -u TMUX tmux -u -f /dev/null -S", quote(self.socket) }
  for _, word in ipairs { ... } do words[#words + 1] = quote(word) end
  local pipe = assert(io.popen(table.concat(words, " ") .. " 2>&1"))
  local output = pipe:read "a"
  pipe:close()
  return output
end

--- Everything on the screen and above it, without blanks at the ends of lines.
---@return string
function Terminal:screen()
  return (self:tmux("capture-pane", "-p", "-S", "-"):gsub("[ \t]+\n", "\n"):gsub("\n+$", "\n"))
end

--- The same with its colours, as escape sequences.
---@return string
function Terminal:coloured_screen() return self:tmux("capture-pane", "-p", "-e", "-S", "-") end

--- Waits until the screen holds a text; fails when it does not.
---@param text string
---@param plain? boolean false: it is a pattern
function Terminal:sees(text, plain)
  local screen
  for _ = 1, 500 do
    screen = self:screen()
    if screen:find(text, 1, plain ~= false) then return screen end
    os.execute "sleep 0.02"
  end
  error(("%s never came:\n%s"):format(text, screen), 2)
end

--- Waits until the last line is the prompt, with nothing typed after it or with `typed`.
---@param typed? string
---@param before? string a screen that is over
---@return string screen
function Terminal:at_prompt(typed, before)
  local wanted = "\n[^\n]*> " .. (typed or ""):gsub("%p", "%%%0") .. "\n$"
  local screen
  for _ = 1, 500 do
    screen = "\n" .. self:screen():gsub("> ?\n$", "> \n")
    if screen:find(wanted) and screen ~= before then return screen end
    os.execute "sleep 0.02"
  end
  error(("no prompt%s:\n%s"):format(typed and " with " .. typed or "", screen), 2)
end

--- Types a text, key by key.
---@param text string
function Terminal:type(text) self:tmux("send-keys", "-l", "--", text) end

--- Presses keys by tmux's names: "Enter", "C-c", "Tab", "Up", "M-Enter".
function Terminal:press(...) self:tmux("send-keys", ...) end

--- Types a line, presses Enter, and waits for the next prompt.
---@param text string
---@return string screen
function Terminal:enter(text)
  local before = self:at_prompt()
  self:type(text)
  self:press "Enter"
  return self:at_prompt(nil, before)
end

--- Pastes, as a terminal does it: in brackets where the program asks for them.
---@param text string
function Terminal:paste(text)
  local path = program.write(program.folder(), "paste", text)
  self:tmux("load-buffer", path)
  self:tmux("paste-buffer", "-p")
end

function Terminal:resize(columns, rows)
  self:tmux("resize-window", "-x", tostring(columns), "-y", tostring(rows))
end

--- Ends the terminal, and what runs in it.
function Terminal:close() self:tmux "kill-server" end
Terminal.__close = Terminal.close

--- Starts the program in a terminal. When it ends, "ended with CODE" is on the screen.
---@param words string[] its command line
---@param options? { env: table, home: string, folder: string, columns: integer, rows: integer, program: string }
--- folder: where it runs
---@return table terminal
function M.start(words, options)
  options = options or {}
  local home = options.home or program.folder()
  local line = { "env -i TERM=screen-256color", 'PATH="$PATH"', "HOME=" .. quote(home), "EDITRC=/nonexistent" }
  for name, value in pairs(options.env or {}) do line[#line + 1] = name .. "=" .. quote(value) end
  line[#line + 1] = quote(options.program or program.PATH)
  for _, word in ipairs(words) do line[#line + 1] = quote(word) end
  local script = program.write(program.folder(), "start.sh",
    ("trap : INT; cd %s && %s; echo \"ended with $?\"; exec sleep 1000\n"):format(quote(options.folder or "."),
      table.concat(line, " ")))
  local self = setmetatable({ socket = program.folder() .. "/tmux", home = home }, Terminal)
  self:tmux("new-session", "-d", "-x", tostring(options.columns or 80), "-y", tostring(options.rows or 40), "sh",
    script)
  return self
end

return M
