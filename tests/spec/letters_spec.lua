--- Small letters beyond ASCII.

local letters = require "sluice.letters"

describe("letters", function()
  it("become small in the alphabets of Europe", function()
    for capitals, small in pairs { ["GRÜßE ÀÖØÞ×"] = "grüße àöøþ×", ["ĀŁŹŽŠĲĶŶ"] = "āłźžšĳķŷ", ["ΑΩΣ"] = "αωσ",
      ["ЀЏАЯѠ"] = "ѐџаяѡ", ["āłżž ÿ ΐ ё"] = "āłżž ÿ ΐ ё" } do
      assert.equal(small, letters.lower(capitals))
    end
  end)

  it("leave everything else as it is", function()
    for _, text in ipairs { "", "東京 🎉", "\xff\xfe\xc3", "ĸŉ", "a\0b" } do assert.equal(text, letters.lower(text)) end
  end)
end)
