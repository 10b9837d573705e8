--- CSV as RFC 4180 has it, and what is not.

local csv = require "sluice.recipe.csv"
local outcome = require "spec.support.outcome"

--- The cells of all records, without their lines.
local function cells(text)
  local list = {}
  for i, record in ipairs(csv.parse(text, "f.csv")) do list[i] = table.move(record, 1, #record, 1, {}) end
  return list
end

describe("reading CSV", function()
  for text, expected in pairs {
    [""] = {},
    ["a"] = { { "a" } },
    ["a,b\n1,2\n"] = { { "a", "b" }, { "1", "2" } },
    ["a,b\r\n1,2\r\n"] = { { "a", "b" }, { "1", "2" } },
    ["\xEF\xBB\xBFa,b"] = { { "a", "b" } },
    ["a,b,\n,,"] = { { "a", "b", "" }, { "", "", "" } },
    ['"a,b","c""d","e\r\nf"\n'] = { { "a,b", 'c"d', "e\r\nf" } },
    ['"",x\n""\n'] = { { "", "x" }, { "" } },
    ["a\n\n\nb\r\n\r\n"] = { { "a" }, { "b" } },
    ['"""",""""""'] = { { '"', '""' } },
    [" a , b"] = { { " a ", " b" } },
    ["ä,日本\n"] = { { "ä", "日本" } },
    ["a\rb,c"] = { { "a\rb", "c" } },
  } do
    it("takes " .. text:gsub("%c", " "):sub(1, 30), function() assert.same(expected, cells(text)) end)
  end

  it("knows the line in which a record begins", function()
    local records = csv.parse('h\n"a\nb"\n\nc\n', "f.csv")
    assert.same({ 1, 2, 5 }, { records[1].line, records[2].line, records[3].line })
  end)

  for text, expected in pairs {
    ['a,"b\nc'] = "f.csv:1: a quoted cell begins here and never ends",
    ['x\n"a"b,c'] = "f.csv:2: text behind the quote that ends a cell",
    ['a"b'] = "f.csv:1: a quote in a cell that is not quoted",
    [("a,"):rep(1001)] = "f.csv:1: more than 1000 columns",
    [("a"):rep((1 << 20) + 1)] = "f.csv:1: a cell of more than 1 MiB",
  } do
    it(("refuses what is none: %s"):format(expected), function()
      local failure = outcome.failure(csv.parse, text, "f.csv")
      assert.equal("usage", failure.kind)
      assert.equal(1, failure.message:find(expected, 1, true), failure.message)
    end)
  end
end)

describe("writing CSV", function()
  it("gives what reading gives back", function()
    for _, record in ipairs { { "a", "b" }, { "" }, { "", "" }, { 'a"b', "c,d", "e\nf", "g\rh", " i", "j " } } do
      assert.same({ record }, cells(csv.record(record)))
    end
  end)

  it("quotes only what needs it", function()
    assert.equal('a,"b,c","d""e",f\r\n', csv.record { "a", "b,c", 'd"e', "f" })
  end)
end)
