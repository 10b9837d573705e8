--- The public JSON parsing suite: what must be read is read, what must be refused is refused, and the texts
--- on which RFC 8259 leaves the choice fall out as the table says.
local core = require "sluice.core"
local support = require "conformance.support"
local json = core.json

local FOLDER = "JSONTestSuite/test_parsing/"
local EXPECTED = { y = 95, n = 188, i = 35 }

local TOO_LARGE = "a number that a double can hold"
local NO_SECOND = "the second half of a surrogate pair"
local NO_FIRST = "the first half of a surrogate pair"
local NO_UTF8 = "expected valid UTF-8"
local NO_VALUE = "expected a value"

--- What this parser does with the texts of the implementation's choice: the message where it refuses, the
--- value as written again where it accepts. Numbers round to the nearest double, but none becomes infinite; text
--- that is no Unicode is refused, because it could not be sent again; a byte order mark is left out.
local CHOICES = {
  accepted = {
    ["number_double_huge_neg_exp"] = "[0.0]",
    ["number_real_underflow"] = "[0.0]",
    ["number_too_big_neg_int"] = "[-1.2312312312312312e+29]",
    ["number_too_big_pos_int"] = "[1e+20]",
    ["number_very_big_negative_int"] = "[-2.374623746732769e+47]",
    ["structure_500_nested_arrays"] = ("["):rep(500) .. ("]"):rep(500),
    ["structure_UTF-8_BOM_empty_object"] = "{}",
  },
  refused = {
    ["number_huge_exp"] = TOO_LARGE,
    ["number_neg_int_huge_exp"] = TOO_LARGE,
    ["number_pos_double_huge_exp"] = TOO_LARGE,
    ["number_real_neg_overflow"] = TOO_LARGE,
    ["number_real_pos_overflow"] = TOO_LARGE,
    ["object_key_lone_2nd_surrogate"] = NO_FIRST,
    ["string_1st_surrogate_but_2nd_missing"] = NO_SECOND,
    ["string_1st_valid_surrogate_2nd_invalid"] = NO_SECOND,
    ["string_incomplete_surrogate_and_escape_valid"] = NO_SECOND,
    ["string_incomplete_surrogate_pair"] = NO_FIRST,
    ["string_incomplete_surrogates_escape_valid"] = NO_SECOND,
    ["string_invalid_lonely_surrogate"] = NO_SECOND,
    ["string_invalid_surrogate"] = NO_SECOND,
    ["string_inverted_surrogates_U+1D11E"] = NO_FIRST,
    ["string_lone_second_surrogate"] = NO_FIRST,
    ["string_UTF-8_invalid_sequence"] = NO_UTF8,
    ["string_UTF8_surrogate_U+D800"] = NO_UTF8,
    ["string_invalid_utf-8"] = NO_UTF8,
    ["string_iso_latin_1"] = NO_UTF8,
    ["string_lone_utf8_continuation_byte"] = NO_UTF8,
    ["string_not_in_unicode_range"] = NO_UTF8,
    ["string_overlong_sequence_2_bytes"] = NO_UTF8,
    ["string_overlong_sequence_6_bytes"] = NO_UTF8,
    ["string_overlong_sequence_6_bytes_null"] = NO_UTF8,
    ["string_truncated-utf-8"] = NO_UTF8,
    ["string_UTF-16LE_with_BOM"] = NO_VALUE,
    ["string_utf16BE_no_BOM"] = NO_VALUE,
    ["string_utf16LE_no_BOM"] = NO_VALUE,
  },
}

local function refused(text)
  local ok, err = pcall(json.decode, text)
  assert.is_false(ok)
  assert.is_true(core.error.is(err, "json"), tostring(err))
  assert.matches("line %d+, column %d+: ", err.message)
  return err.message
end

local checks = {
  y = function(_, text)
    local value = json.decode(text)
    assert.is_true(json.equal(value, json.decode(json.encode(value))))
  end,
  n = function(_, text)
    refused(text)
  end,
  i = function(name, text)
    local value = CHOICES.accepted[name]
    if value then
      assert.equal(value, json.encode(json.decode(text)))
    else
      assert.matches(assert(CHOICES.refused[name], "no choice is stated"), refused(text), 1, true)
    end
  end,
}

describe("JSON parsing suite", function()
  local counts = { y = 0, n = 0, i = 0 }
  for _, file in ipairs(support.list(FOLDER)) do
    local kind, name = file:match "^([yni])_(.*)%.json$"
    if kind then
      counts[kind] = counts[kind] + 1
      it(file, function() checks[kind](name, support.read(FOLDER .. file)) end)
    end
  end

  it("is complete", function()
    if counts.y == 0 then
      pending(support.absent())
      return
    end
    assert.same(EXPECTED, counts)
  end)
end)
