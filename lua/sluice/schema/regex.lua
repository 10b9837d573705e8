--- Regular expressions of JSON Schema (the dialect of ECMAScript), as spec documents carry them: parsed into a
--- tree, compiled into a small program, run over all alternatives at once, so that no pattern takes more than
--- (length of program) × (length of text) steps. Backreferences, look-behind and Unicode properties are not
--- understood; such a pattern is refused with its reason, and never guessed at.

local class = require "sluice.schema.class"

local M = {}

local LONGEST = 4096 -- characters of a pattern
local DEEPEST = 60 -- groups within groups
local LARGEST = 6000 -- instructions of a program, repeated parts counted as often as they repeat
local MOST_NODES = 60000 -- parts looked at to make them
local MOST_STEPS = 2000000

-- ── reading ────────────────────────────────────────────────────────────────────────────────────────────────

local Parser = {}
Parser.__index = Parser

local function refuse(reason) error({ reason = reason }, 0) end

function Parser:peek() return self.text[self.at] end

function Parser:take(character)
  if self.text[self.at] ~= character then return false end
  self.at = self.at + 1
  return true
end

function Parser:next()
  local character = self.text[self.at]
  self.at = self.at + 1
  return character
end

--- Takes several characters, or none.
function Parser:take_all(word)
  for i = 1, #word do
    if self.text[self.at + i - 1] ~= word:sub(i, i) then return false end
  end
  self.at = self.at + #word
  return true
end

function Parser:number()
  local digits = {}
  while (self:peek() or ""):find "^%d$" do digits[#digits + 1] = self:next() end
  if #digits == 0 then return nil end
  if #digits > 6 then refuse "more repetitions than can be followed" end
  return math.tointeger(tonumber(table.concat(digits)))
end

--- `{2}`, `{2,}`, `{2,5}`; anything else in braces is plain text, as browsers have it.
function Parser:braces()
  local start = self.at
  self.at = self.at + 1
  local low = self:number()
  local high = low
  if low and self:take "," then high = self:number() end
  if not low or not self:take "}" then
    self.at = start
    return nil
  end
  if high and high < low then refuse "a repetition from more to fewer" end
  return low, high or math.huge
end

local REPEATED = { ["*"] = { 0, math.huge }, ["+"] = { 1, math.huge }, ["?"] = { 0, 1 } }

function Parser:repetition(atom)
  local low, high
  local sign = REPEATED[self:peek()]
  if sign then
    self.at, low, high = self.at + 1, sign[1], sign[2]
  elseif self:peek() == "{" then
    low, high = self:braces()
  end
  if not low then return atom end
  self:take "?" -- lazy or greedy: the same texts match
  return { kind = "repeat", atom, low = low, high = high }
end

local GROUPS = { { "?:", "group" }, { "?=", "look" }, { "?!", "look", true } }

function Parser:group()
  self.depth = self.depth + 1
  if self.depth > DEEPEST then refuse "groups nested too deeply" end
  local node = { kind = "group" }
  if self:peek() == "?" then
    if self.text[self.at + 1] == "<" and (self.text[self.at + 2] or ""):find "^[%a_]$" then
      while self:peek() and self:next() ~= ">" do end -- a named group: the name changes nothing
    else
      local known
      for _, form in ipairs(GROUPS) do
        if not known and self:take_all(form[1]) then known = { kind = form[2], negated = form[3] } end
      end
      node = known or refuse "a group of an unknown kind, such as look-behind"
    end
  end
  node[1] = self:alternatives()
  if not self:take ")" then refuse "a group that is not closed" end
  self.depth = self.depth - 1
  return node
end

function Parser:atom()
  local character = self:next()
  if character == "(" then return self:group() end
  if character == "[" then return { kind = "set", class.bracket(self, refuse) } end
  if character == "." then return { kind = "set", class.ANY } end
  if character == "^" or character == "$" then return { kind = character } end
  if character == "\\" then
    if self:peek() == "b" or self:peek() == "B" then return { kind = "edge", negated = self:next() == "B" } end
    return { kind = "set", class.escape(self, refuse) }
  end
  if REPEATED[character] then refuse "a repetition of nothing" end
  return { kind = "set", class.single(character) }
end

function Parser:sequence()
  local nodes = { kind = "sequence" }
  while self:peek() and self:peek() ~= "|" and self:peek() ~= ")" do
    nodes[#nodes + 1] = self:repetition(self:atom())
  end
  return nodes
end

function Parser:alternatives()
  local nodes = { kind = "either", self:sequence() }
  while self:take "|" do nodes[#nodes + 1] = self:sequence() end
  return #nodes == 1 and nodes[1] or nodes
end

-- ── compiling ──────────────────────────────────────────────────────────────────────────────────────────────
-- Instructions: { op, a, b }. `set` takes a character; `split` goes both ways; `jump` one; the others look at
-- the place and go on with the next instruction or end the thread; `match` is the end.

local compile

local function emit(program, op, a, b)
  if #program >= LARGEST then refuse "more repetitions than can be followed" end
  program[#program + 1] = { op, a, b }
  return #program
end

--- At most so many in a row. Each way out leads to the end, not to the next one, so that a text
--- is followed by one thread and not by one for each repetition.
local function compile_at_most(program, node, count)
  local ways_out = {}
  for i = 1, count do
    ways_out[i] = emit(program, "split", #program + 2)
    compile(program, node)
  end
  for _, split in ipairs(ways_out) do program[split][3] = #program + 1 end
end

local function compile_repeat(program, node)
  for _ = 1, node.low do compile(program, node[1]) end
  if node.high == math.huge then
    local split = emit(program, "split", #program + 2)
    compile(program, node[1])
    emit(program, "jump", split)
    program[split][3] = #program + 1
  else
    compile_at_most(program, node[1], node.high - node.low)
  end
end

local function compile_either(program, node)
  local ends = {}
  for i = 1, #node - 1 do
    local split = emit(program, "split", #program + 2)
    compile(program, node[i])
    ends[i] = emit(program, "jump")
    program[split][3] = #program + 1
  end
  compile(program, node[#node])
  for _, jump in ipairs(ends) do program[jump][2] = #program + 1 end
end

local COMPILE = {
  set = function(program, node) emit(program, "set", node[1]) end,
  group = function(program, node) compile(program, node[1]) end,
  sequence = function(program, node) for _, child in ipairs(node) do compile(program, child) end end,
  either = compile_either,
  ["repeat"] = compile_repeat,
  edge = function(program, node) emit(program, "edge", node.negated) end,
  ["^"] = function(program) emit(program, "start") end,
  ["$"] = function(program) emit(program, "stop") end,
  look = function(program, node)
    local look = emit(program, "look", nil, node.negated)
    compile(program, node[1])
    emit(program, "match")
    program[look][2] = #program + 1 -- where to go on; what is looked for begins behind the instruction
  end,
}

function compile(program, node)
  program.nodes = (program.nodes or 0) + 1
  if program.nodes > MOST_NODES then refuse "more repetitions than can be followed" end
  COMPILE[node.kind](program, node)
end

-- ── where a match may begin ────────────────────────────────────────────────────────────────────────────────

local is_anchored

--- What stands first decides; a look takes no character, so that what follows it decides as well.
local function is_anchored_sequence(nodes)
  for _, node in ipairs(nodes) do
    if is_anchored(node) then return true end
    if node.kind ~= "look" then return false end
  end
  return false
end

local ANCHORED = {
  ["^"] = function() return true end,
  sequence = is_anchored_sequence,
  group = function(node) return is_anchored(node[1]) end,
  look = function(node) return not node.negated and is_anchored(node[1]) end,
  ["repeat"] = function(node) return node.low > 0 and is_anchored(node[1]) end,
  either = function(node)
    for _, child in ipairs(node) do
      if not is_anchored(child) then return false end
    end
    return true
  end,
}

--- Can a part of a pattern match at the beginning of the text alone?
function is_anchored(node)
  local rule = ANCHORED[node.kind]
  return rule ~= nil and rule(node)
end

-- ── running ────────────────────────────────────────────────────────────────────────────────────────────────

local Run = {}
Run.__index = Run

local function is_word(code) return code ~= nil and class.has(class.WORD, code) end

function Run:look(pc, at)
  local key = pc * (#self.codes + 2) + at
  if self.seen[key] == nil then self.seen[key] = self:from(pc + 1, at, false) end
  return self.seen[key]
end

--- Where a thread goes from an instruction that takes no character; nil ends it.
local STEP = {
  jump = function(_, i) return i[2] end,
  start = function(_, _, pc, at) return at == 1 and pc + 1 or nil end,
  stop = function(run, _, pc, at) return at == #run.codes + 1 and pc + 1 or nil end,
  edge = function(run, i, pc, at)
    local is_edge = is_word(run.codes[at - 1]) ~= is_word(run.codes[at])
    return is_edge ~= (i[2] or false) and pc + 1 or nil
  end,
  look = function(run, i, pc, at) return run:look(pc, at) ~= (i[3] or false) and i[2] or nil end,
}

--- Adds a thread and all threads it splits into. Is one of them at the end?
function Run:add(threads, there, pc, at)
  local open = { pc }
  while #open > 0 do
    pc = table.remove(open)
    if pc and not there[pc] then
      there[pc] = true
      self.steps = self.steps + 1
      local instruction = self.program[pc]
      local op = instruction[1]
      if op == "match" then return true end
      if op == "split" then
        open[#open + 1], open[#open + 2] = instruction[3], instruction[2]
      elseif op == "set" then
        threads[#threads + 1] = pc
      else
        open[#open + 1] = STEP[op](self, instruction, pc, at)
      end
    end
  end
  return false
end

--- Does the program match from an instruction and a place on, or, `anywhere`, from a later place?
function Run:from(pc, at, anywhere)
  local threads = {}
  local there = {}
  while true do
    if (anywhere or #threads == 0 and next(there) == nil) and self:add(threads, there, pc, at) then return true end
    if #threads == 0 and not anywhere or at > #self.codes then return false end
    if self.steps > MOST_STEPS then refuse "more work than can be done here" end
    local code, following = self.codes[at], {}
    there = { [0] = true } -- never empty: the first place is behind
    for _, thread in ipairs(threads) do
      local set = self.program[thread][2]
      self.steps = self.steps + #set
      if class.has(set, code) and self:add(following, there, thread + 1, at + 1) then
        return true
      end
    end
    threads, at = following, at + 1
  end
end

-- ── the face ───────────────────────────────────────────────────────────────────────────────────────────────

local function characters(text)
  local list = {}
  for _, code in utf8.codes(text) do list[#list + 1] = utf8.char(code) end
  return list
end

local function guarded(...)
  local ok, result = pcall(...)
  if ok then return result end
  if type(result) ~= "table" or not result.reason then error(result, 0) end
  return nil, result.reason
end

--- Reads a pattern.
---@param pattern any
---@return table|nil program nil when it is not understood
---@return string|nil reason
function M.compile(pattern)
  if type(pattern) ~= "string" or not utf8.len(pattern) then return nil, "no text" end
  if #pattern > LONGEST then return nil, "longer than can be read here" end
  return guarded(function()
    local parser = setmetatable({ text = characters(pattern), at = 1, depth = 0 }, Parser)
    local tree = parser:alternatives()
    if parser:peek() then refuse "a bracket that nothing opens" end
    local program = {}
    compile(program, tree)
    emit(program, "match")
    program.anchored = is_anchored(tree)
    return program
  end)
end

--- Does a text match somewhere, as JSON Schema means it?
---@param program table from compile
---@param text string UTF-8
---@return boolean|nil matches nil when that takes too much work
---@return string|nil reason
function M.matches(program, text)
  return guarded(function()
    local codes = {}
    for _, code in utf8.codes(text) do codes[#codes + 1] = code end
    return setmetatable({ program = program, codes = codes, seen = {}, steps = 0 }, Run)
      :from(1, 1, not program.anchored)
  end)
end

return M
