local core = require "sluice.core"
local span = require "sluice.span"

describe("a length of time", function()
  it("is read from a number and its unit", function()
    for text, seconds in pairs { ["0s"] = 0, ["90s"] = 90, ["10m"] = 600, ["6h"] = 21600, ["7d"] = 604800,
      ["4w"] = 2419200, ["999999w"] = 999999 * 604800 } do
      assert.equal(seconds, span.seconds(text, "--since"), text)
    end
  end)

  it("is refused when it is none, with an example", function()
    for _, text in ipairs { "", "7", "d", "-1d", "1.5h", "7 d", "7days", "1000000s", "\27[2J" } do
      local ok, err = pcall(span.seconds, text, "--since")
      assert.is_false(ok, text)
      assert.is_true(core.error.is(err, "usage"))
      assert.matches("--since is .*; expected a length of time such as 90s, 10m, 6h or 7d", err.message)
    end
  end)

  it("is written by its two largest units", function()
    for seconds, text in pairs { [0] = "0s", [0.9] = "0s", [59] = "59s", [60] = "1m", [200] = "3m 20s",
      [3600] = "1h", [3605] = "1h", [7260] = "2h 1m", [86400 * 2 + 4 * 3600 + 59] = "2d 4h", [86400 * 9] = "9d" } do
      assert.equal(text, span.text(seconds))
    end
  end)
end)
