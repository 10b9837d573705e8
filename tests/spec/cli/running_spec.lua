local running = require "sluice.cli.running"

describe("figures of runs", function()
  it("have their thousands parted", function()
    for count, text in pairs { [0] = "0", [7] = "7", [999] = "999", [1000] = "1,000", [123456] = "123,456",
      [7823447] = "7,823,447" } do
      assert.equal(text, running.count(count))
    end
    assert.same({ "1 run", "0 runs", "2,000 runs" },
      { running.plural(1, "run"), running.plural(0, "run"), running.plural(2000, "run") })
  end)

  it("are bytes in a unit that fits", function()
    for bytes, text in pairs { [0] = "0 B", [999] = "999 B", [1000] = "1.0 kB", [999949] = "999.9 kB",
      [999950] = "1.0 MB", [33123456] = "33.1 MB", [5000000000] = "5.0 GB", [9e18 // 1 | 0] = "9000.0 PB" } do
      assert.equal(text, running.bytes(bytes))
    end
  end)

  it("are the first error, as far as it is told", function()
    assert.equal("C: m", running.error { code = "C", message = "m" })
    assert.same({ "C", "m" }, { running.error { code = "C" }, running.error { message = "m" } })
    assert.is_nil(running.error {})
  end)
end)
