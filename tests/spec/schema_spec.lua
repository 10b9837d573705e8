--- The part of JSON Schema that spec documents use.

local core = require "sluice.core"
local findings = require "sluice.findings"
local outcome = require "spec.support.outcome"
local schema = require "sluice.schema"

local array, null = core.json.array, core.json.null

local function told(document, value, options)
  local report = findings.new()
  schema.check(report, "/x", document, value, options)
  return outcome.lines(report)
end

--- Schema, values that fit, values that do not with what is said.
local CASES = {
  { { type = "string" }, { "a", "" },
    { { 5, "error /x: expected text, got 5" }, { true, "expected text, got true" } } },
  { { type = "integer" }, { 5, 5.0 }, { { 5.5, "expected an integer, got 5.5" }, { "5", 'an integer, got "5"' } } },
  { { type = "number" }, { 5, 5.5 }, { { "5", "expected a number" } } },
  { { type = "boolean" }, { true, false }, { { "true", "expected true or false" } } },
  { { type = "null" }, { null }, { { "", "expected null" } } },
  { { type = "array" }, { { 1 }, array {}, {} }, { { "a", "expected a list" }, { { a = 1 }, "expected a list" } } },
  { { type = "object" }, { { a = 1 }, {} }, { { { 1 }, "expected a table" }, { null, "expected a table" } } },
  { { type = array { "string", "null" } }, { "a", null }, { { 5, "expected text or null, got 5" } } },
  { { enum = array { "NONE", "GZIP" } }, { "NONE" },
    { { "GZIPP", 'unknown value "GZIPP"; .* did you mean "GZIP"?' } } },
  { { enum = array { 3, 6 } }, { 3, 6.0 }, { { 4, 'unknown value 4; expected "3" or "6"' } } },
  { { const = "a" }, { "a" }, { { "b", 'expected "a", got "b"' } } },
  { { pattern = "^[a-z]+$" }, { "abc", 5 }, { { "A", 'expected text of the form "^[a-z]+$", got "A"' } } },
  { { minLength = 2, maxLength = 3 }, { "ab", "äöü", 5 },
    { { "a", 'expected at least 2 characters, got "a"' }, { "abcd", "expected at most 3 characters" } } },
  { { minimum = 1, maximum = 3 }, { 1, 3, "0" }, { { 0, "expected 1 or more, got 0" }, { 4, "expected 3 or less" } } },
  { { exclusiveMinimum = 1, exclusiveMaximum = 3 }, { 2 }, { { 1, "more than 1" }, { 3, "less than 3" } } },
  { { minItems = 1, maxItems = 2, items = { type = "string" } }, { { "a" }, "text" },
    { { array {}, "at least 1 elements" }, { { "a", "b", "c" }, "at most 2" },
      { { "a", 5 }, "/x/1: expected text" } } },
  { { required = array { "a", "b" } }, { { a = 1, b = 2 }, "text" }, { { { b = 1 }, "error /x/a: missing" } } },
  { { properties = { a = { type = "string" }, ["b/c"] = { type = "integer" } } }, { { a = "x", d = 1 }, {} },
    { { { a = 1 }, "/x/a: expected text" }, { { ["b/c"] = "x" }, "/x/b~1c: expected an integer" } } },
  { { additionalProperties = false, properties = { path = {} } }, { { path = 1 }, {} },
    { { { pathh = 1 }, '/x/pathh: unknown to the spec document; expected "path"; did you mean "path"?' } } },
  { { allOf = array { { minLength = 2 }, { pattern = "^a" } } }, { "ab" },
    { { "b", "at least 2" }, { "b", "form" } } },
  { { anyOf = array { { type = "integer" }, { minLength = 3 } } }, { 5, "abc" }, { { "a", "none of the 2 forms" } } },
  { { oneOf = array { { minimum = 1 }, { maximum = 5 } } }, { 0, 6 }, { { 3, "fits 2 of the forms" } } },
  { { ["not"] = { enum = array { "x" } } }, { "y" }, { { "x", "a form that the spec document excludes" } } },
  { { ["if"] = { properties = { mode = { const = "S3" } } }, ["then"] = { required = array { "bucket" } },
    ["else"] = { required = array { "host" } } }, { { mode = "S3", bucket = 1 }, { mode = "FTP", host = 1 } },
    { { { mode = "S3" }, "/x/bucket: missing" }, { { mode = "FTP" }, "/x/host: missing" } } },
  { { contentEncoding = "base64" }, { "QUJD", "QUI=\n" }, { { "not base64!", "error /x: expected text in Base64" } } },
  { { format = "uri" }, { "https://a.example", "s3:x" }, { { "nowhere", "warning /x: expected a URI" } } },
  { { format = "email" }, { "a@b.example" }, { { "a", "warning /x: expected an e-mail address" } } },
  { { format = "date" }, { "2030-01-31" }, { { "31.1.2030", "warning /x: expected a date" } } },
  { { format = "password" }, { "anything" }, {} },
  { { pattern = "(?<=a)b" }, {}, { { "b", "warning /x: whether it has the form .* is left to the service" } } },
  { { ["$ref"] = "#/definitions/a" }, {}, { { 5, "warning /x: a part of the spec document" } } },
}

--- Schemas that are none: they ask for nothing.
local NONSENSE = {
  5, "text", true, false, null, { type = 5 }, { type = "sting" }, { type = array { "wrong", 5 } }, { enum = "NONE" },
  { enum = {} }, { pattern = 5 }, { pattern = {} }, { minLength = "2" }, { minimum = {} }, { required = "a" },
  { required = array { 5, {}, null } }, { required = null }, { properties = "a" }, { properties = array { 1 } },
  { properties = { a = "text", b = null } }, { additionalProperties = "no" }, { items = 5 }, { items = array { {} } },
  { allOf = 5 }, { allOf = array { 5, "a", null } }, { anyOf = 5 }, { oneOf = "x" }, { ["not"] = 5 }, { ["if"] = 5 },
  { ["if"] = {}, ["then"] = 5 }, { format = 5 }, { format = {} }, { contentEncoding = 5 }, { minItems = {} },
}

describe("a schema", function()
  for i, case in ipairs(CASES) do
    it(("%d asks for %s"):format(i, core.json.encode(case[1])), function()
      for _, value in ipairs(case[2]) do assert.equal("", told(case[1], value)) end
      for _, bad in ipairs(case[3]) do
        local text = told(case[1], bad[1])
        local pattern = bad[2]:find(".*", 1, true) and bad[2] or bad[2]:gsub("[%-?()^$+%[%]]", "%%%0")
        assert.is_truthy(text:find(pattern), text)
      end
    end)
  end

  it("gives each text the answer of its own", function()
    for _, case in ipairs { { "a", true }, { "a", true }, { "b", false }, { "a", true }, { "b", false, true },
      { "a", true, true } } do
      assert.equal(case[2], schema.matches("^a$", case[1], case[3]))
    end
    for _ = 1, 2 do
      local result, reason = schema.matches("^" .. ("(a?){50}"):rep(40) .. "$", ("a"):rep(4000))
      assert.is_nil(result)
      assert.matches("more work", reason)
    end
  end)

  it("of nonsense asks for nothing, whatever the value", function()
    local cyclic = {}
    cyclic.a = cyclic
    for _, document in ipairs(NONSENSE) do
      for _, value in ipairs { "a", 5, true, null, {}, { 1, 2 }, { a = 1, b = 2 }, cyclic, print } do
        assert.equal("", told(document, value))
      end
    end
  end)

  it("is not followed for ever, and neither is a value", function()
    local deep, cyclic = { type = "string" }, {}
    for _ = 1, 500 do deep = { properties = { a = deep }, allOf = array { { required = array { "b" } } } } end
    cyclic.a, cyclic.b = cyclic, true
    assert.equal("", told(deep, cyclic))
  end)

  it("does not see a secret, and shows no value that is hidden", function()
    assert.equal("", told({ pattern = "^x$", enum = array { "x" }, type = "integer" }, core.secret.new("K", "hush")))
    local text = told({ pattern = "^x$", enum = array { "x" }, type = "integer", maxLength = 2 }, "hush",
      { hidden = true })
    assert.is_truthy(text:find "expected an integer")
    assert.is_nil(text:find "hush")
    text = told({ properties = { a = { maxLength = 2 } } }, { a = "hush" }, { hidden = true })
    assert.is_nil(text:find "hush")
  end)

  it("joined to others is checked in those alone", function()
    local joined = { type = "string", required = array { "z" }, allOf = array { { required = array { "a" } } } }
    local report = findings.new()
    schema.check_joined(report, "/x", joined, { b = 1 })
    assert.equal("error /x/a: missing: required by the spec document", outcome.lines(report))
    assert.is_true(schema.is_joined(joined))
    assert.is_false(schema.is_joined { type = "string" })
    assert.is_false(schema.is_joined "text")
  end)
end)
