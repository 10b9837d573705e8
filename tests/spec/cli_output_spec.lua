--- What commands print: each format, page by page, and what of an item a path leads to.

local core = require "sluice.core"
local fit = require "sluice.terminal.fit"
local output = require "sluice.cli.output"

local COLUMNS = {
  { name = "name", get = function(item) return item.name end, cut = true },
  { name = "count", get = function(item) return item.count end, right = true },
  { name = "at", get = function(item) return item.at end, show = function(at) return "day " .. at end },
  { name = "hidden", get = function(item) return item.name and #item.name end, extra = true },
}

local ITEMS = {
  { name = "a, \"b\"\nc", count = 1, at = 7 },
  { name = "\27[31m\u{202E}x\u{85}\u{E0001}\127", count = 20000 },
  {},
}

--- Runs something and gives what it writes to standard output and standard error.
local function captured(work)
  local out, err, stdout, stderr = {}, {}, io.stdout, io.stderr
  local function stream(parts)
    return { flush = function(self) return self end, write = function(self, ...)
      for _, text in ipairs { ... } do parts[#parts + 1] = text end
      return self
    end }
  end
  rawset(io, "stdout", stream(out))
  rawset(io, "stderr", stream(err))
  local ok, failure = pcall(work)
  rawset(io, "stdout", stdout)
  rawset(io, "stderr", stderr)
  if not ok then error(failure, 0) end
  return table.concat(out), table.concat(err)
end

local function each(items)
  local index = 0
  return function()
    index = index + 1
    return items[index]
  end
end

local function printed(values, items)
  return captured(function() output.rows(values, COLUMNS, each(items or ITEMS), "nothing there") end)
end

local function refuses(words, fn)
  local ok, failure = pcall(fn)
  assert.is_false(ok)
  assert.is_true(core.error.is(failure, "usage"), tostring(failure))
  assert.matches(words, failure.message)
end

describe("a list", function()
  it("is a table", function()
    assert.equal('NAME                                  COUNT  AT\n'
      .. 'a, "b"\\nc                                 1  day 7\n'
      .. '\\x1b[31m\\u{202e}x\\u{85}\\u{e0001}\\x7f  20000\n'
      .. '\n', (printed {}))
  end)

  it("is JSON, with what tables leave out", function()
    local text = printed { json = true }
    assert.matches("^%[\n  {[^\n]*},\n  {[^\n]*},\n  {[^\n]*}\n%]\n$", text)
    assert.is_nil(text:find "[\128-\255\127]")
    assert.same({ name = ITEMS[2].name, count = 20000, at = core.json.null, hidden = #ITEMS[2].name },
      core.json.decode(text)[2])
    assert.equal(text:match "\n  ({[^\n]*}),\n" .. "\n", printed({ ndjson = true }):match "^[^\n]*\n")
  end)

  it("is CSV", function()
    assert.equal('name,count,at\r\n"a, ""b""\nc",1,7\r\n' .. ITEMS[2].name .. ",20000,\r\n,,\r\n",
      (printed { csv = true }))
    assert.equal('hidden,"a,b"\r\n', (captured(function()
      output.pages({ csv = true }, { { name = "hidden" }, { name = "a,b" } }, function() end)
    end)))
  end)

  it("that is empty is empty, and a table says so", function()
    assert.same({ "", "nothing there\n" }, { printed({}, {}) })
    assert.same({ "", "" }, { printed({ quiet = true }, {}) })
    assert.same({ "[]\n", "" }, { printed({ json = true }, {}) })
    assert.same({ "", "" }, { printed({ ndjson = true }, {}) })
    assert.same({ "name,count,at\r\n", "" }, { printed({ csv = true }, {}) })
  end)

  it("has its rows out before the next page is asked for", function()
    for _, format in ipairs { "table", "json", "ndjson", "csv" } do
      local seen, page = {}, 0
      local stdout, so_far, flushed = io.stdout, "", ""
      rawset(io, "stdout", { write = function(self, text)
        so_far = so_far .. text
        return self
      end, flush = function(self)
        flushed = so_far
        return self
      end })
      local ok, failure = pcall(output.pages, { [format] = true }, COLUMNS, function()
        seen[#seen + 1] = flushed
        page = page + 1
        return page < 4 and { { name = "page " .. page } } or nil
      end)
      rawset(io, "stdout", stdout)
      assert(ok, failure)
      for i = 2, 4 do assert.is_truthy(seen[i]:find("page " .. i - 1, 1, true), format) end
    end
  end)

  it("ends where nothing can be written", function()
    local stdout, calls = io.stdout, 0
    rawset(io, "stdout", { write = function() return nil, "No space left on device" end })
    local ok, failure = pcall(output.rows, {}, COLUMNS, function()
      calls = calls + 1
      return { name = "x" }
    end)
    rawset(io, "stdout", stdout)
    assert.is_false(ok)
    assert.is_true(core.error.is(failure, "io"))
    assert.equal("cannot write to standard output: No space left on device", failure.message)
    assert.equal(100, calls)
  end)

  it("shows the columns that are asked for, and paths", function()
    local items = { { name = "n", a = { b = core.json.array { { c = 1 }, { c = 2 } } },
      auth = { params = { token = "t0ps3cret" } } } }
    local text = printed({ csv = true, columns = "hidden, a.b.1.c,/a/b/0/c,a.b[].c,a.x,auth.params" }, items)
    assert.equal('hidden,a.b.1.c,/a/b/0/c,a.b[].c,a.x,auth.params\r\n'
      .. '1,2,1,"[1,2]",,"{""token"":""‹secret token›""}"\r\n', text)
    assert.equal("COUNT  a.b\n    3\n", (printed({ columns = "count,a.b" }, { { count = 3 } })))
  end)

  it("refuses columns and formats that are none, before anything is asked for", function()
    refuses('no column "nam", did you mean "name"%?; there are name, count, at, hidden', function()
      output.check({ columns = "nam" }, COLUMNS)
    end)
    refuses("names no column", function() output.check({ columns = "," }, COLUMNS) end)
    refuses("%-%-json and %-%-ndjson exclude each other", function() output.check { json = true, ndjson = true } end)
    local with_fields = { { name = "x" }, fields = { "state", "flowSpec" } }
    refuses('no column "flowSpek.id", did you mean "flowSpec"', function()
      output.check({ columns = "flowSpek.id" }, with_fields)
    end)
    assert.equal("csv", output.check({ columns = "flowSpec.id,/state,x", csv = true }, with_fields))
    assert.equal("table", output.check {})
  end)
end)

describe("a document", function()
  local document = { b = core.json.array { 1 }, a = "\u{202E}" }

  it("is the text, or JSON", function()
    local function said(values, text)
      return (captured(function() output.value(values, document, text) end))
    end
    assert.equal("text\n", said({}, "text\n"))
    assert.equal("made\n", said({}, function() return "made\n" end))
    assert.equal('{\n  "a": "\\u202e",\n  "b": [\n    1\n  ]\n}\n', said { json = true })
    assert.equal('{"a":"\\u202e","b":[1]}\n', said { ndjson = true })
    refuses("%-%-csv is for lists", function() said { csv = true } end)
  end)
end)

describe("a note", function()
  it("goes to standard error, harmless, unless nobody wants it", function()
    assert.same({ "", "a\\x1bb\n" }, { captured(function() output.note({}, "a\27b") end) })
    assert.same({ "", "" }, { captured(function() output.note({ quiet = true }, "a") end) })
  end)
end)

describe("columns", function()
  local function widths(room)
    local columns = { { width = 60, cut = true }, { width = 36 }, { width = 8, goes = 1 }, { width = 16, goes = 3 } }
    fit.fit(columns, room)
    local list = {}
    for i, column in ipairs(columns) do list[i] = column.width end
    return table.concat(list, " ")
  end

  it("give way where there is no room", function()
    assert.equal("60 36 8 16", widths(126))
    assert.equal("59 36 8 16", widths(125))
    assert.equal("24 36 8 16", widths(90))
    assert.equal("41 36 8", widths(89))
    assert.equal("24 36", widths(62))
    assert.equal("12 36", widths(20))
  end)

  it("are aligned, at the right where they are numbers", function()
    local row = fit.row({ { width = 4, cut = true }, { width = 5, right = true }, { width = 9 } }, function(column)
      return column.width == 4 and "日本語" or "x"
    end)
    assert.equal("日…       x  x", row)
  end)
end)
