--- File names, folders and parts.

local names = require "sluice.preview.names"

local VALUES = { DESTINATION_NAME = "Amazon_S3", SEGMENT_ID = "0b4d", ["DATETIME(YYYYMMdd_HHmmss)"] = "20300101_170000",
  ODD = "100%_%SEGMENT_ID%" }

describe("a template", function()
  for template, expected in pairs {
    ["%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"] = "Amazon_S3_0b4d_20300101_170000",
    ["%SEGMENT_ID%%SEGMENT_ID%"] = "0b4d0b4d",
    ["%SEGMENT_ID%_%this is custom text%"] = "0b4d_this is custom text",
    ["%SEGMENT_ID%_custom-text"] = "0b4d_custom-text",
    ["%DESTINATION_NAME%_DATETIME(YYYYMMdd_HHmmss)"] = "Amazon_S3_DATETIME(YYYYMMdd_HHmmss)",
    ["%ODD%_%SEGMENT_ID%"] = "100%_%SEGMENT_ID%_0b4d", -- what is put in is not read again
    ["%%"] = "",
    ["plain"] = "plain",
  } do
    it("becomes a name: " .. template, function()
      assert.equal(expected, (names.expand(template, VALUES)))
    end)
  end

  it("says which macros it had", function()
    local _, used = names.expand("%SEGMENT_ID%_%own%", VALUES)
    assert.same({ SEGMENT_ID = "0b4d" }, used)
  end)
end)

describe("a name", function()
  it("has underscores for blanks", function()
    assert.equal("A_b__c_", names.word "A b\t\nc ")
  end)

  for file_type, endings in pairs {
    CSV = { NONE = ".csv", GZIP = ".csv.gz" }, JSON = { NONE = ".json", GZIP = ".json.gz" },
    PARQUET = { NONE = ".parquet", GZIP = ".gz.parquet" },
  } do
    it("ends by type and compression: " .. file_type, function()
      assert.equal(endings.NONE, names.ending(file_type, nil))
      assert.equal(endings.NONE, names.ending(file_type, "NONE"))
      assert.equal(endings.GZIP, names.ending(file_type, "GZIP"))
    end)
  end

  it("ends by its type in a card that nobody knows, too", function()
    assert.equal(".xml", names.ending("XML", "NONE"))
    assert.equal(".csv", names.ending("CSV", "ZIP"))
  end)

  it("is split where five million rows are full", function()
    for rows, count in pairs { [0] = 1, [1] = 1, [5000000] = 1, [5000001] = 2, [10000000] = 2, [10000001] = 3 } do
      assert.equal(count, #names.parts("a", ".csv", rows), rows)
    end
    assert.same({ "a.csv" }, names.parts("a", ".csv", nil))
    assert.same({ "a.gz.parquet", "a_2.gz.parquet", "a_3.gz.parquet" }, names.parts("a", ".gz.parquet", 15000000))
  end)
end)

describe("a folder", function()
  for _, case in ipairs {
    { { bucketName = "b", path = "p/q" }, "b/p/q" },
    { { bucketName = "b", path = "/p/" }, "b/p" },
    { { container = "c", path = "/" }, "c" },
    { { remotePath = "/in" }, "/in" },
    { { remotePath = "/" }, "/" },
    { { path = "x//y/" }, "x/y" },
    { { path = 7, bucketName = {} }, "" },
    { {}, "" },
  } do
    it("is where the target says: " .. case[2], function() assert.equal(case[2], names.folder(case[1])) end)
  end
end)
