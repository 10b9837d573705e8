--- Changes of a live dataflow's attributes, on the emulator: profile selectors and mapping sets.

local live = require "spec.support.live"
local outcome = require "spec.support.outcome"
local sluice = require "sluice"

local PARAMS = "/transformations/0/params"

local function params_of(flow) return flow.transformations[1].params end

local function says(result, ...)
  local text = table.concat(result.explained, "\n")
  for _, words in ipairs { ... } do assert.truthy(text:find(words, 1, true), words .. " is missing in\n" .. text) end
end

local function fields(list)
  local names = {}
  for i, field in ipairs(list) do names[i] = field.attributePath or field.identityNamespace end
  return names
end

describe("the attributes of a dataflow", function()
  local service
  setup(function() service = live.start() end)
  teardown(function() service.server.stop() end)
  before_each(function() service:forget() end)

  local function refused(code, fn, ...)
    local failure = outcome.failure(fn, ...)
    assert.same({ "recipe", code }, { failure.kind, failure.code })
    assert.same({}, service:requests())
    return failure
  end

  describe("as profile selectors", function()
    local function paths(flow)
      local list = {}
      for i, selector in ipairs(params_of(flow).profileSelectors.selectors) do list[i] = selector.value.path end
      return list
    end

    it("are added in one patch, with what is mandatory and tells profiles apart", function()
      local flow = service:flow { name = "Adds" }
      local result = flow:add_attributes { "person.name.lastName",
        { path = "mobilePhone.number", mandatory = true, deduplicate = true } }
      assert.equal(4, result.changed)
      assert.equal(1, #service:requests "PATCH")
      assert.same({ "person.name.firstName", "personalEmail.address", "person.name.lastName", "mobilePhone.number" },
        paths(result.flow))
      local selectors = params_of(result.flow).profileSelectors
      assert.same({ "personalEmail.address", "mobilePhone.number" }, selectors.mandatoryFields)
      assert.same({ "personalEmail.address", "mobilePhone.number" }, fields(selectors.primaryFields))
      says(result, "adds attribute person.name.lastName",
        "makes mandatory: personalEmail.address and mobilePhone.number")
      service:forget()
      assert.equal(0, flow:add_attributes({ "person.name.lastName", { path = "mobilePhone.number" } }).changed)
      assert.same({}, service:requests())
    end)

    it("that are there get what is said of them", function()
      local flow = service:flow { name = "Flags" }
      local result = flow:add_attributes { { path = "person.name.firstName", mandatory = true } }
      assert.same({ { op = "add", path = PARAMS .. "/profileSelectors/mandatoryFields",
        value = { "personalEmail.address", "person.name.firstName" } } }, service:patch())
      assert.equal(1, result.changed)
    end)

    it("lose with their place what names them", function()
      local flow = service:flow { name = "Removes" }
      local result = flow:remove_attributes { "personalEmail.address" }
      assert.equal(3, result.changed)
      local selectors = params_of(result.flow).profileSelectors
      assert.same({ "person.name.firstName" }, paths(result.flow))
      assert.same({}, selectors.mandatoryFields)
      assert.same({}, selectors.primaryFields)
      assert.same({ type = "JSON_PATH", value = { path = "personalEmail.address" } }, service:patch()[1].value)
      says(result, "removes attribute personalEmail.address", "makes mandatory: nothing")
      service:forget()
      result = flow:remove_attributes "personalEmail.adress"
      assert.equal(0, result.changed)
      says(result, "the dataflow has no attribute personalEmail.adress")
      assert.same({}, service:requests())
    end)

    it("are replaced: what is not said they no longer are", function()
      local flow = service:flow { name = "Replaces" }
      local result = flow:replace_attributes { { path = "personalEmail.address", mandatory = true } }
      assert.equal(1, result.changed)
      assert.same({}, params_of(result.flow).profileSelectors.primaryFields)
      assert.same({ "personalEmail.address" }, params_of(result.flow).profileSelectors.mandatoryFields)
      service:forget()
      refused("not_found", flow.replace_attributes, flow, { "person.name.lastName" })
    end)

    it("are set as a whole", function()
      local flow = service:flow { name = "Sets" }
      local result = flow:set_attributes { "person.name.lastName", { identity = "Email" } }
      assert.same({ "person.name.lastName", "Email" }, paths(result.flow))
      assert.same({}, params_of(result.flow).profileSelectors.primaryFields)
      service:forget()
      assert.equal(0, flow:set_attributes({ "person.name.lastName", { identity = "Email" } }).changed)
      assert.same({}, service:requests())
    end)

    it("are checked by themselves and with those that are there", function()
      local flow = service:flow { name = "Wrong" }
      local failure = refused(nil, flow.add_attributes, flow,
        { "xdm: a.b", { path = "c", column = "x" }, { pat = "d" } })
      assert.truthy(#failure.findings >= 3)
      failure = refused(nil, flow.add_attributes, flow, { { path = "a.b", deduplicate = true },
        { path = "c.d", deduplicate = true } })
      assert.truthy(failure.message:find("with what the dataflow has: deduplicates by 3", 1, true), failure.message)
      refused(nil, flow.add_attributes, flow, {})
      refused(nil, flow.add_attributes, flow, "a.b")
      refused(nil, flow.remove_attributes, flow, {})
      refused(nil, flow.remove_attributes, flow, { 1 })
      refused(nil, flow.remove_attributes, flow, { "person.name.firstName", "personalEmail.address" })
      refused(nil, flow.set_attributes, flow, {})
    end)

    it("that were wrong before do not stand in the way of others", function()
      local flow = service:flow { name = "Wrong before" }
      service.aep.flows:update(flow.id, sluice.patch():add(PARAMS .. "/profileSelectors/selectors/-",
        { type = "JSON_PATH", value = { path = "xdm: mobilePhone.number" } }))
      assert.equal(1, flow:add_attributes({ "person.name.lastName" }).changed)
    end)

    it("of a stream have no flags and an operator", function()
      local flow = service:flow { name = "Stream", type = "amazon-kinesis",
        auth = { accessKeyId = "a", secretKey = "s", region = "eu-west-1" },
        target = { stream = "s", region = "eu-west-1" }, attributes = { "person.name.firstName" },
        audiences = { { id = live.id(1), name = "Audience 1" } } }
      local result = flow:add_attributes { "person.name.lastName" }
      assert.equal(1, result.changed)
      assert.equal("EXISTS", service:patch()[1].value.value.operator)
      result = flow:add_audiences { { id = live.id(2), name = "Audience 2" } }
      assert.is_nil(params_of(result.flow).segmentSelectors.selectors[2].value.schedule)
      service:forget()
      refused("no_files", flow.reschedule, flow,
        sluice.schedule.daily { at = "01:00", from = "2031-01-01", to = "2032-01-01" })
      refused("no_files", flow.rename_files, flow, live.TEMPLATE)
      refused("no_files", flow.export_now, flow)
      refused(nil, flow.add_attributes, flow, { { path = "a.b", mandatory = true } })
    end)
  end)

  describe("as a mapping set", function()
    local function v2(name, attributes)
      return service:flow { name = name, type = "amazon-s3-v2",
        auth = { s3AccessKey = "AKIAEXAMPLEEXAMPLE22", s3SecretKey = ("x"):rep(40) },
        target = { bucketName = "bucket-a", path = "in", compression = "NONE", fileType = "CSV",
          csvOptions = { quote = '"' } },
        attributes = attributes or { "person.name.firstName",
          { path = "personalEmail.address", column = "mail", mandatory = true, deduplicate = true } } }
    end

    local function rows(flow)
      local id = params_of(flow).profileMapping.mappingId
      local set = service.aep:request { path = "/data/foundation/conversion/mappingSets/" .. id }
      local list = {}
      for i, row in ipairs(set.mappings) do list[i] = row.destination .. " ← " .. row.source end
      return list
    end

    it("are added: two schemas, a new set, one patch", function()
      local flow, made = v2 "Adds columns"
      local before = params_of(made.flow).profileMapping.mappingId
      local result = flow:add_attributes { { path = "person.name.lastName", column = "surname", mandatory = true } }
      assert.equal(2, result.changed)
      assert.same({ "POST", "POST", "POST", "PATCH" }, { service:requests()[1].method, service:requests()[2].method,
        service:requests()[3].method, service:requests()[4].method })
      assert.are_not.equal(before, params_of(result.flow).profileMapping.mappingId)
      assert.same({ "person_name_firstName ← person.name.firstName", "mail ← personalEmail.address",
        "surname ← person.name.lastName" }, rows(result.flow))
      assert.same({ "personalEmail.address", "person.name.lastName" }, params_of(result.flow).mandatoryFields)
      says(result, "adds column surname from person.name.lastName", "uses mapping set")
      service:forget()
      assert.equal(0, flow:add_attributes({ { path = "person.name.lastName", column = "surname" } }).changed)
      assert.same({}, service:requests())
    end)

    it("are removed, replaced and set", function()
      local flow = v2 "Other columns"
      local result = flow:replace_attributes { { path = "person.name.firstName", column = "first" } }
      assert.same({ "first ← person.name.firstName", "mail ← personalEmail.address" }, rows(result.flow))
      says(result, "adds column first", "removes column person_name_firstName")
      result = flow:remove_attributes { "mail" }
      assert.same({ "first ← person.name.firstName" }, rows(result.flow))
      assert.same({ {}, {} }, { params_of(result.flow).mandatoryFields, params_of(result.flow).primaryFields })
      result = flow:set_attributes { "person.name.lastName", { identity = "Email" } }
      assert.same({ "person_name_lastName ← person.name.lastName", "Email ← identityMap.Email" }, rows(result.flow))
      local failure = outcome.failure(flow.add_attributes, flow, { { identity = "Phone" } })
      assert.truthy(failure.message:find("second identity", 1, true), failure.message)
    end)

    it("stay when nothing but what is said of them changes", function()
      local flow = v2 "Same columns"
      local result = flow:add_attributes { { path = "person.name.firstName", mandatory = true } }
      assert.equal(1, result.changed)
      assert.equal(1, #service:requests())
    end)

    it("that cannot be read can only be set", function()
      local flow = v2 "Hidden columns"
      service.before = function(request)
        if request.method == "GET" and request.path:find "/mappingSets/" then return 404, {}, "{}" end
      end
      local failure = refused("mapping_set", flow.add_attributes, flow, { "person.name.lastName" })
      assert.truthy(failure.message:find("set_attributes", 1, true), failure.message)
      refused("mapping_set", flow.remove_attributes, flow, { "mail" })
      local result = flow:set_attributes { "person.name.lastName" }
      assert.same({}, params_of(result.flow).mandatoryFields)
      service:forget()
      assert.same({ "person_name_lastName ← person.name.lastName" }, rows(result.flow))
    end)

    it("make one set, also when the dataflow was changed meanwhile", function()
      local flow, done = v2 "Concurrent columns", false
      service.before = function(request)
        if request.method ~= "PATCH" or done then return end
        done = true
        service:meddle(request, { { op = "replace", path = "/name", value = "Changed columns" } })
      end
      local result = flow:add_attributes { "person.name.lastName" }
      assert.equal("Changed columns", result.flow.name)
      assert.same({ 3, 2 }, { #service:requests "POST", #service:requests "PATCH" })
    end)

    it("that could not be led to are named, for they stay", function()
      local flow = v2 "Left columns"
      service.before = function(request)
        if request.method == "PATCH" then return 400, {}, '{"message":"no"}' end
      end
      local failure = outcome.failure(flow.add_attributes, flow, { "person.name.lastName" })
      assert.truthy(failure.message:find("is as it was; mapping set %x+ was made for it and is not used"),
        failure.message)
      service.before = function(request)
        if request.path:find "/mappingSets$" then return 400, {}, '{"message":"no mapping"}' end
      end
      failure = outcome.failure(flow.add_attributes, flow, { "person.name.lastName" })
      local words = ('no mapping; dataflow "Left columns" (%s) is as it was'):format(flow.id)
      assert.truthy(failure.message:find(words, 1, true), failure.message)
    end)

    it("accepted and not there are an error", function()
      local flow = v2 "Forgotten columns"
      service.before = function(request)
        if request.method == "PATCH" then return 202, {}, "" end
      end
      assert.equal("not_activated", outcome.failure(flow.add_attributes, flow, { "person.name.lastName" }).code)
    end)
  end)
end)
