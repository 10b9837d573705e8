local service_time = require "sluice.service_time"

describe("the time at the service", function()
  it("is read from the date of its answers", function()
    assert.equal(1893477600, service_time.parse "Tue, 01 Jan 2030 06:00:00 GMT")
    assert.equal(951827696, service_time.parse "Tue, 29 Feb 2000 12:34:56 GMT")
    for _, text in ipairs { "", "Tue, 01 Jun", "Tue, 32 Jan 2030 06:00:00 GMT", "Tue, 01 Foo 2030 06:00:00 GMT",
      "Tue, 01 Jan 2030 26:00:00 GMT", "2030-01-01T06:00:00Z" } do
      assert.is_nil(service_time.parse(text), text)
    end
    assert.is_nil(service_time.parse(nil))
  end)

  it("is this machine's until the service has answered", function()
    local clock = service_time.new()
    assert.is_true(math.abs(clock:now() - os.time()) <= 2)
    clock:hear { date = "Tue, 01 Jan 2030 06:00:00 GMT" }
    assert.is_true(clock:now() - 1893477600 <= 2)
    clock:hear {}
    clock:hear(nil)
    clock:hear { date = "never" }
    assert.is_true(clock:now() - 1893477600 <= 2)
  end)

  it("is heard in every answer but the token service's, whoever else listens", function()
    local clock, heard = service_time.new(), {}
    local settings = { on_call = function(event) heard[#heard + 1] = event end }
    clock:attach(settings)
    local events = { { headers = { date = "Tue, 01 Jan 2030 06:00:00 GMT" } }, { error = "reset" },
      { token = true, headers = { date = "Tue, 01 Jan 2031 06:00:00 GMT" } } }
    for _, event in ipairs(events) do settings.on_call(event) end
    assert.same(events, heard)
    assert.is_true(clock:now() - 1893477600 <= 2)
  end)
end)
