--- The public JSON Patch suite: every enabled case, 74 with a result and 34 with an error.
local core = require "sluice.core"
local support = require "conformance.support"
local json, patch = core.json, core.patch

local FILES = { "json-patch-tests/tests.json", "json-patch-tests/spec_tests.json" }
local ENABLED, RESULTS, ERRORS = 108, 74, 34

local function name_of(case, file, i)
  return ("%s %d: %s"):format(file:match "[^/]+$", i, case.comment or case.error or "")
end

local function run(case)
  local before = json.encode(case.doc)
  local ok, result = pcall(function() return patch.new(case.patch):apply(case.doc) end)
  assert.equal(before, json.encode(case.doc))
  if case.error then
    assert.is_false(ok, case.error)
    assert.is_true(core.error.is(result, "patch"), tostring(result))
    return
  end
  assert.is_true(ok, tostring(result))
  if case.expected ~= nil then
    assert.equal(json.encode(case.expected), json.encode(result))
  end
end

describe("JSON Patch suite", function()
  local enabled, errors = 0, 0
  for _, file in ipairs(FILES) do
    local text = support.read(file)
    for i, case in ipairs(text and json.decode(text, file) or {}) do
      if not case.disabled and case.patch then
        enabled = enabled + 1
        errors = errors + (case.error and 1 or 0)
        it(name_of(case, file, i), function() run(case) end)
      end
    end
  end

  it("is complete", function()
    if enabled == 0 then
      pending(support.absent())
      return
    end
    assert.same({ ENABLED, RESULTS, ERRORS }, { enabled, enabled - errors, errors })
  end)
end)
