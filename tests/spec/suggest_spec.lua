local core = require "sluice.core"
local suggest = require "sluice.suggest"

describe("suggest", function()
  it("measures how many edits lie between two words", function()
    for _, case in ipairs {
      { "", "", 0 }, { "abc", "abc", 0 }, { "abc", "", 3 }, { "", "abc", 3 }, { "abc", "abd", 1 },
      { "abc", "acb", 1 }, { "kitten", "sitting", 3 }, { "ca", "abc", 3 },
    } do
      assert.equal(case[3], suggest.distance(case[1], case[2]), case[1] .. " / " .. case[2])
    end
  end)

  it("finds the nearest valid word, or none", function()
    local words = { "adobe-campaign", "oracle-eloqua", "amazon-s3", "SFTP with Password",
      "SFTP with SSH Key" }
    for _, case in ipairs {
      { "adobe-campain", "adobe-campaign" }, { "Adobe-Campaign", "adobe-campaign" }, { "campaign",
        "adobe-campaign" },
      { "s3", "amazon-s3" }, { "sftp with pasword", "SFTP with Password" }, { "SFTP with ssh key",
        "SFTP with SSH Key" },
      { "marketo", nil }, { 7, nil }, { nil, nil }, { ("x"):rep(500), nil },
    } do
      assert.equal(case[2], suggest.nearest(case[1], words), tostring(case[1]))
    end
  end)

  it("prefers the earlier of two equally near words", function()
    assert.equal("startDate", suggest.nearest("startXate", { "startDate", "startRate" }))
  end)

  it("looks for no neighbour of what is too long for a word", function()
    assert.is_nil(suggest.nearest(("a"):rep(61), { ("a"):rep(60) }))
  end)

  it("shows values without letting them break the line or give away a secret", function()
    assert.equal('"a\\10b"', suggest.quote "a\nb")
    assert.equal("a table", suggest.quote {})
    assert.equal("nil", suggest.quote(nil))
    assert.equal(63 + 2, #suggest.quote(("x"):rep(200))) -- 60, an ellipsis of three bytes, two quotes
    assert.equal('"' .. ("é"):rep(30) .. '…"', suggest.quote(("é"):rep(40)))
    assert.equal('"x' .. ("é"):rep(29) .. '…"', suggest.quote("x" .. ("é"):rep(40))) -- never half a character
    assert.equal("‹secret KEY›", suggest.quote(core.secret.new("KEY", "hidden")))
  end)

  it("cuts long lists", function()
    local words = {}
    for i = 1, 7 do words[i] = "w" .. i end
    assert.equal("w1, w2, w3, w4, w5, w6, w7", suggest.some(words))
    words[8], words[9] = "w8", "w9"
    assert.equal("w1, w2, w3, w4, w5, w6, w7 and 2 more", suggest.some(words))
    assert.equal("", suggest.some {})
  end)

  it("says what was expected", function()
    assert.equal('expected "a"', suggest.expected(nil, { "a" }))
    assert.equal('expected "S3" or "FTP"; did you mean "FTP"?', suggest.expected("ftp", { "S3", "FTP" }))
    assert.equal('expected "a", "b" or "c"', suggest.expected("zzz", { "a", "b", "c" }))
    local many = { "one", "two", "three", "four", "five", "six", "seven", "eight" }
    assert.equal('did you mean "seven"?', suggest.expected("sevn", many))
    assert.truthy(suggest.expected("0", many):find('^expected "one", .* or "eight"$'))
  end)
end)
