--- Lines written again in their place, on a terminal that is a table.

local frame = require "sluice.terminal.frame"

--- What a terminal of so many columns shows after these bytes; it wraps what is too long, as terminals do.
local function screen_of(bytes, columns)
  local rows, row, at = { "" }, 1, 1
  while at <= #bytes do
    local up, after = bytes:match("^\27%[(%d+)A()", at)
    local character = utf8.char(utf8.codepoint(bytes, at))
    if up then
      row, at = math.max(1, row - math.tointeger(tonumber(up))), after
    elseif bytes:find("^\27%[K", at) then
      at = at + 3
    elseif bytes:find("^\27%[J", at) then
      for i = #rows, row, -1 do rows[i] = i == row and "" or nil end
      at = at + 3
    elseif character == "\r" then
      at = at + 1
    elseif character == "\n" then
      row, at = row + 1, at + 1
      rows[row] = rows[row] or ""
    else
      local line = bytes:match("^[^\27\n]+", at)
      assert(utf8.len(line) < columns, "a line that wraps: " .. line)
      rows[row], at = line, at + #line
    end
  end
  return table.concat(rows, "\n")
end

describe("a frame", function()
  local written, columns, rows, here
  before_each(function()
    written, columns, rows = "", 20, 10
    here = frame.new({ write = function(_, text) written = written .. text end, flush = function() end },
      function() return columns, rows end)
  end)

  it("is drawn over itself, longer or shorter", function()
    here:draw { "one", "two" }
    assert.equal("one\ntwo\n", screen_of(written, columns))
    here:draw { "three", "four", "five" }
    assert.equal("three\nfour\nfive\n", screen_of(written, columns))
    here:draw { "six" }
    assert.equal("six\n", screen_of(written, columns))
    here:draw {}
    assert.equal("", screen_of(written, columns))
  end)

  it("keeps off the last column and the last row", function()
    local lines = {}
    for i = 1, 30 do lines[i] = ("é"):rep(i) end
    here:draw(lines)
    here:draw(lines)
    assert.equal(9, select(2, screen_of(written, columns):gsub("\n", "")))
    columns, rows = 5, 3
    here:draw { "abcdefgh", "ab", "abc" }
    assert.is_truthy(written:find("\nabc…\27[K\nab\27[K\n\27[J", 1, true) or written:find "abc…")
    assert.is_nil(written:find "abcd")
  end)

  it("finds its beginning where a narrower terminal has wrapped its lines", function()
    here:draw { ("x"):rep(19), "y" }
    written, columns = "", 10
    assert.is_true(here:is_resized())
    here:draw { "z" }
    assert.equal("\r\27[3A", written:sub(1, 5))
    assert.is_false(here:is_resized())
    rows = 11
    assert.is_true(here:is_resized())
  end)

  it("has colours where lines fit", function()
    here:draw({ "short", ("long "):rep(9) }, { "\27[1mshort\27[0m", "\27[2mlong\27[0m" })
    assert.is_truthy(written:find("\27[1mshort\27[0m", 1, true))
    assert.is_nil(written:find("\27[2m", 1, true))
    assert.is_truthy(written:find("long long long lon…", 1, true))
  end)

  it("has a size where the terminal tells none", function()
    columns, rows = nil, nil
    assert.same({ 79, 23 }, { here:room() })
  end)
end)
