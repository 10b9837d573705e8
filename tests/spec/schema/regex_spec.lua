--- Regular expressions as spec documents have them.

local core = require "sluice.core"
local regex = require "sluice.schema.regex"

local function matches(pattern, text)
  local program, reason = regex.compile(pattern)
  assert(program, reason)
  return regex.matches(program, text)
end

-- What the reference prints for the cards (D, EXP, ACT).
local BUCKET = [[(?=^.{3,63}$)(?!^(\d+\.)+\d+$)(^(([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])\.)*]]
  .. [[([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])$)]]
local CONTAINER = "^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$"
local MACRO_PATH = [[^[0-9a-zA-Z\/\!\-_\.\*\''\(\)]*((\%SEGMENT_(NAME|ID)\%)?\/?)+$]]
local PATH = [[^[0-9a-zA-Z\/\!\-_\.\*\'\(\)]+$]]
local INFO_CODE = [[([A-Z]{3,6})-([0-9]{3,6})-([1-5]{1}[0-9]{2})]]

--- Pattern, texts that match, texts that do not.
local CASES = {
  { BUCKET, { "abc", "my-bucket", "a.b-1", "1.2.3x", ("a"):rep(63) },
    { "ab", ("a"):rep(64), "192.168.0.1", "a.-b", "a-.b", "My_Bucket", "-abc", "abc-", "a..b", "" } },
  { CONTAINER, { "abc", "a-b", ("a"):rep(63) }, { "ab", "a--b", "-ab", "ab-", "Abc", ("a"):rep(64), "$web" } },
  { MACRO_PATH, { "", "a/b", "a/%SEGMENT_NAME%", "%SEGMENT_ID%/%SEGMENT_NAME%/", "it's-(ok)!*._" },
    { "a b", "a/%SEGMENT_NAME%/b", "%SEGMENT%", "ä" } },
  { PATH, { "a/b", "/" }, { "", "a b", "%SEGMENT_ID%" } },
  { "^[A-Z2-7]{20}$", { ("A2"):rep(10) }, { ("A1"):rep(10), ("A"):rep(19), ("A"):rep(21), "xx" .. ("A"):rep(20) } },
  { INFO_CODE, { "CONNECTOR-2001-500", "xx FLOW-12345-599 yy" }, { "ACTIVATION_BATCH-0000-SKIP", "AB-123-500" } },
  -- anchors and where a match may begin
  { "b", { "abc", "b" }, { "ac", "" } },
  { "^b", { "bc" }, { "abc" } },
  { "b$", { "ab" }, { "abc", "ab\n" } },
  { "^$", { "" }, { "a" } },
  { "a$|^b", { "cca", "bcc" }, { "ab", "ccb" } },
  { "^a|^b", { "ac", "bc" }, { "ca", "cb", "" } },
  { "(^a|b)c", { "ac", "xbc" }, { "xac" } },
  { "(?=^a).b", { "ab" }, { "cab", "cb" } },
  { "(?!^a).b", { "cb", "cab" }, { "ab" } },
  { "(?!a)^.b", { "cb" }, { "ab", "ccb" } },
  { "(^a)?b", { "ab", "cb", "cab" }, { "a" } },
  { "(^a)+b", { "ab" }, { "cab", "b" } },
  { "", { "", "anything" }, {} },
  -- repetition
  { "^a*$", { "", "aaa" }, { "aab" } },
  { "^a+$", { "a", "aa" }, { "", "b" } },
  { "^ab?c$", { "ac", "abc" }, { "abbc" } },
  { "^a{2}$", { "aa" }, { "a", "aaa" } },
  { "^a{2,}$", { "aa", "aaaa" }, { "a" } },
  { "^a{1,3}$", { "a", "aaa" }, { "", "aaaa" } },
  { "^a{0}b$", { "b" }, { "ab" } },
  { "^a{1,3}b{0,2}c$", { "ac", "aaac", "abc", "aabbc" }, { "c", "aaaac", "abbbc" } },
  { "^(ab|c){0,2}$", { "", "ab", "cc", "abc" }, { "a", "ccc" } },
  { "^a+?b*?$", { "a", "aab" }, { "b" } },
  { "^(ab)*$", { "", "abab" }, { "aba" } },
  { "^(a|b)+c$", { "abc", "bac" }, { "c" } },
  { "^(a*)*$", { "", "aa" }, { "b" } },
  { "^x{,2}$", { "x{,2}" }, { "x", "xx" } }, -- not a repetition: plain text
  { "^a{b$", { "a{b" }, { "a" } },
  -- sets
  { "^[abc]$", { "a", "c" }, { "d", "" } },
  { "^[^abc]$", { "d", "ä", "\n" }, { "a" } },
  { "^[a-c-]$", { "b", "-" }, { "d" } },
  { "^[]$", {}, { "", "a" } },
  { "^[^]$", { "a", "\n" }, { "" } },
  { "^[\\]\\-\\\\]$", { "]", "-", "\\" }, { "a" } },
  { "^[\\d_]$", { "4", "_" }, { "a" } },
  { "^[a-\\d]$", { "a", "-", "4" }, { "b" } },
  { "^\\d\\D\\w\\W\\s\\S$", { "1ab- x", "9x_!\tz" }, { "aab- x", "11b- x" } },
  { "^.$", { "a", "ä", "😀" }, { "", "\n", "ab" } },
  { "^\\D$", { "/", ":", "\0", "\u{10FFFF}" }, { "0", "9" } },
  { "^\\W$", { "/", ":", "@", "[", "^", "`", "{" }, { "0", "9", "A", "Z", "_", "a", "z" } },
  { "^\\S$", { "\8", "\14", "!", "a" }, { "\t", "\r", " ", "\u{A0}", "\u{3000}" } },
  { "^\\t\\n\\x41\\u00e4$", { "\t\nAä" }, { "tnA" } },
  { "^\\/\\.\\*\\%$", { "/.*%" }, { "/x*%" } },
  -- groups and what is looked for
  { "^(?:a|bc)$", { "a", "bc" }, { "abc" } },
  { "^(?<year>\\d{4})$", { "2030" }, { "20" } },
  { "^(?=a)[ab]+$", { "ab", "aa" }, { "ba" } },
  { "^(?!a)[ab]+$", { "ba" }, { "ab" } },
  { "a(?=b(?!c))", { "ab", "abd" }, { "abc", "ac" } },
  { "(?!)", {}, { "", "a" } },
  { "\\bfoo\\b", { "foo", "a foo b", "(foo)" }, { "afoo", "foo1" } },
  { "\\Boo", { "foo" }, { "oo" } },
}

--- Patterns that are not understood, and why.
local REFUSED = {
  ["(?<=a)b"] = "look%-behind", ["(?<!a)b"] = "look%-behind", ["(a)\\1"] = "reference", ["\\k<n>"] = "reference",
  ["\\p{L}"] = "a set", ["\\cA"] = "a set", ["(a"] = "not closed", ["a)"] = "nothing opens", ["[a"] = "not closed",
  ["[a\\"] = "backslash", ["a\\"] = "backslash", ["*a"] = "repetition of nothing", ["a**"] = "repetition of nothing",
  ["a{3,2}"] = "from more to fewer", ["[z-a]"] = "from later to earlier", ["\\x4"] = "digits", ["\\uzzzz"] = "digits",
  ["a{1234567}"] = "more repetitions",
  ["a{9999}{9999}"] = "more repetitions", ["((((a{0}){99999}){99999}){99999})"] = "more repetitions",
  [("("):rep(61) .. (")"):rep(61)] = "nested too deeply", [("a"):rep(4097)] = "longer", ["\xFF"] = "no text",
}

describe("a regular expression", function()
  for i, case in ipairs(CASES) do
    it(("%d matches what it should: %s"):format(i, case[1]:sub(1, 30)), function()
      for _, text in ipairs(case[2]) do assert.is_true(matches(case[1], text), text) end
      for _, text in ipairs(case[3]) do assert.is_false(matches(case[1], text), text) end
    end)
  end

  it("is refused with a reason when it is not understood", function()
    for pattern, words in pairs(REFUSED) do
      local program, reason = regex.compile(pattern)
      assert.is_nil(program, pattern)
      assert.is_truthy(reason:find(words), pattern .. ": " .. reason)
    end
    for _, value in ipairs { 5, true, {}, core.json.null } do assert.is_nil((regex.compile(value))) end
    assert.is_nil((regex.compile(nil)))
  end)

  it("does not explode", function()
    assert.is_false(matches("^(a+)+$", ("a"):rep(2000) .. "b"))
    assert.is_false(matches("^(a|aa|a?)*$", ("a"):rep(2000) .. "b"))
    assert.is_false(matches("^(?=(a*)*$)a*b$", ("a"):rep(1000)))
    assert.is_true(matches(".*.*.*.*=.*", ("x"):rep(1000) .. "="))
  end)

  it("follows a text with one thread where it may repeat so many times", function()
    assert.is_true(matches("^[a-z]{1,2000}$", ("a"):rep(2000)))
    assert.is_false(matches("^[a-z]{1,2000}$", ("a"):rep(2001)))
  end)

  it("gives up, and says so, when there is too much to do", function()
    local program = assert(regex.compile("^" .. ("(a?){50}"):rep(40) .. "$"))
    local result, reason = regex.matches(program, ("a"):rep(4000))
    assert.is_nil(result)
    assert.is_truthy(reason:find "more work")
  end)

  it("never fails on noise", function()
    local random, signs = 7, "ab01()[]{}|*+?.^$\\-,dwsbBx<>=!: "
    local function next_sign()
      random = (random * 1103515245 + 12345) % 2147483648
      local at = random // 65536 % #signs + 1
      return signs:sub(at, at)
    end
    local understood = 0
    for _ = 1, 3000 do
      local parts = {}
      for i = 1, 12 do parts[i] = next_sign() end
      local program, reason = regex.compile(table.concat(parts))
      assert.is_true(program ~= nil or type(reason) == "string")
      if program then
        understood = understood + 1
        assert.is_true(type(regex.matches(program, "ab01-x\n")) == "boolean")
      end
    end
    assert.is_true(understood > 100)
  end)
end)
