--- Spec documents against the catalog: what wins, what is told, and that no document, however odd, does harm.

local catalog = require "sluice.catalog"
local check = require "sluice.destination.check"
local core = require "sluice.core"
local demands = require "sluice.destination.demands"
local destination = require "sluice.destination"
local emulator = require "sluice.emulator"
local fake_aep = require "spec.support.fake_aep"
local outcome = require "spec.support.outcome"
local schedule = require "sluice.activation.schedule"

local array, null = core.json.array, core.json.null

local DOCUMENTS = {}
for _, document in ipairs(emulator.new({}).documents.connectionSpecs) do DOCUMENTS[document.id] = document end

--- A fresh copy of the emulator's document for an entry.
local function document_of(key)
  return core.json.copy(assert(DOCUMENTS[catalog.systems[key].connection_spec], key))
end

local SECRET = ("b"):rep(40)

local function s3(changes, target)
  local made = {
    name = "N", type = "amazon-s3-v2", auth = { s3AccessKey = ("A"):rep(20), s3SecretKey = SECRET },
    target = { bucketName = "abc", path = "in", compression = "GZIP", fileType = "JSON" },
    audiences = { { id = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1",
      filename = "%DESTINATION%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%",
      schedule = schedule.daily { at = "02:00", from = "2030-01-01", to = "2030-12-31" } } },
    attributes = { "person.name.firstName" },
  }
  for key, value in pairs(changes or {}) do made[key] = value end
  for key, value in pairs(target or {}) do made.target[key] = value ~= "none" and value or nil end
  return made
end

local function told(document, definition)
  local report, chosen = check.check(definition or s3(), { today = "2029-12-01", system = demands.system(document) })
  return outcome.lines(report), chosen
end

--- Where the emulator follows one source and the catalog another: D asks for a domain beside an SSH key, T for none.
local CONTESTED = { sftp = "/auth/domain" }

describe("the emulator's documents and the catalog", function()
  for _, key in ipairs(catalog.keys) do
    it("agree about " .. key, function()
      local system = demands.system(document_of(key))
      assert.same({}, system.differences)
      assert.equal(key, system.type)
      for _, list in ipairs { system.auth, system.modes } do
        for _, entry in ipairs(list) do
          for _, difference in ipairs(entry.differences) do
            assert.equal(CONTESTED[key], difference.place, difference.message)
          end
        end
      end
      local names = catalog.names(system.auth)
      for i, auth in ipairs(catalog.systems[key].auth) do assert.equal(auth.name, names[i]) end
    end)
  end
end)

-- How the document of Amazon S3 is changed, by what definition that is seen, all that is told then.
local WINS = {
  { "a longer list of values", function(d) d.properties.compression.enum = array { "NONE", "GZIP", "ZSTD" } end,
    s3(nil, { compression = "ZSTD" }),
    'warning /target/compression: the catalog (D) says: "NONE" or "GZIP"; the spec document of this organisation: '
      .. '"NONE", "GZIP" or "ZSTD". The document counts' },
  { "a shorter list of values", function(d) d.properties.fileType.enum = array { "CSV" } end, s3(),
    'error /target/fileType: unknown value "JSON"; expected "CSV"', "warning /target/fileType: the catalog (D,EXP)" },
  { "another pattern", function(d) d.properties.bucketName.pattern = "^[a-z]{1,5}$" end,
    s3(nil, { bucketName = "x" }),
    "warning /target/bucketName: the catalog (D) says: 3 to 63 characters" },
  { "another pattern, not met", function(d) d.properties.path.pattern = "^/" end, s3(),
    'error /target/path: expected text of the form "^/", got "in"', "warning /target/path: the catalog (EXP)" },
  { "a pattern that is not understood", function(d) d.properties.path.pattern = "(?<=a)" end, s3(),
    "warning /target/path: whether it has the form", "warning /target/path: the catalog (EXP)" },
  { "no pattern", function(d) d.properties.path.pattern = nil end, s3(nil, { path = "a b" }),
    "error /target/path: expected letters without accents" },
  { "something more required", function(d)
    d.properties.region = { type = "string", minLength = 3 }
    table.insert(d.required, "region")
  end, s3(), 'error /target/region: missing: required by mode "Server-to-server"',
    "warning /target/region: the catalog (D,EXP) says: unknown; the spec document of this organisation: required" },
  { "something more, of a form", function(d) d.properties.region = { type = "string", minLength = 3 } end,
    s3(nil, { region = "eu" }), "error /target/region: expected at least 3 characters" },
  { "something required that is no property", function(d) table.insert(d.required, "region") end,
    s3(nil, { region = "eu" }), "warning /target/region" },
  { "something optional", function(d) table.remove(d.required, 2) end, s3(nil, { path = "none" }),
    "warning /target/path: the catalog (D,EXP) says: required; the spec document of this organisation: optional" },
  { "something excluded", function(d)
    d.additionalProperties = false
    d.properties.csvOptions = nil
  end, s3(),
    "warning /target/csvOptions: the catalog (D) says: optional; the spec document of this organisation: " },
  { "another type", function(d) d.properties.path = { type = "integer" } end, s3(nil, { path = 5 }),
    "warning /target/path: the catalog (D,EXP) says: text; the spec document of this organisation: an integer" },
  { "another condition", function(d) d.properties.fileType.conditional.operator = "LIKES" end,
    s3(nil, { fileType = "none" }), "error /target/fileType: missing" },
  { "a nested option", function(d)
    d.properties.csvOptions.properties = { delimiter = { type = "string", enum = array { ";" } } }
  end, s3(nil, { fileType = "CSV", csvOptions = { delimiter = ",", quote = "" } }),
    'error /target/csvOptions/delimiter: unknown value ","; expected ";"', "warning /target/csvOptions/delimiter" },
  { "a rule", function(d)
    d.allOf = array { { ["if"] = { properties = { compression = { const = "GZIP" } } },
      ["then"] = { required = array { "level" } } } }
  end, s3(), "error /target/level: missing: required by the spec document" },
  { "other modes", function(d) d.properties.mode.enum = array { "Direct" } end, s3(nil, { mode = "Direct" }),
    'warning /target/mode: the catalog (D,EXP) says: there is "Server-to-server"; the spec document of this '
      .. 'organisation: only "Direct"' },
  { "a mode more", function(d) d.properties.mode.enum = array { "Server-to-server", "FTP" } end, s3() },
  { "no modes", function(d) d.properties.mode = nil end, s3() },
}

local AUTH_WINS = {
  { "another name", function(d) d.authSpec[1].name = "Access Keys" end,
    'warning /auth/spec: the catalog (ACT,EXP) says: there is "Access Key"; the spec document of this organisation: '
      .. 'only "Access Keys" or "Assumed Role"',
    'warning /auth/spec: the catalog does not know the auth spec "Access' },
  { "a missing one", function(d) table.remove(d.authSpec, 2) end,
    'warning /auth/spec: the catalog (ACT) says: there is' },
  { "none at all", function(d) d.authSpec = array {} end, "warning /auth/spec", "warning /auth/spec",
    "error /auth: Amazon S3 takes no credentials" },
  { "silence", function(d) d.authSpec = nil end },
  { "another pattern", function(d) d.authSpec[1].spec.properties.s3SecretKey.pattern = "^a+$" end,
    'error /auth/s3SecretKey: expected text of the form "^a+$"', "warning /auth/s3SecretKey: the catalog (T,ACT)" },
  { "another required", function(d) table.insert(d.authSpec[1].spec.required, "token") end,
    'error /auth/token: missing: required by "Access Key"', "warning /auth/token: the catalog" },
  { "a number", function(d) d.authSpec[1].spec.properties.s3AccessKey = { type = "integer" } end,
    'error /auth/s3AccessKey: expected an integer, got "AAAA', "warning /auth/s3AccessKey" },
}

local function compare(text, expected)
  local lines = {}
  for line in text:gmatch "[^\n]+" do lines[#lines + 1] = line end
  assert.equal(#expected, #lines, text)
  for _, start in ipairs(expected) do
    local found = false
    for _, line in ipairs(lines) do found = found or line:sub(1, #start) == start end
    assert.truthy(found, start .. "\n" .. text)
  end
  assert.falsy(text:find(SECRET, 1, true))
end

describe("a document that differs from the catalog wins, by", function()
  for _, case in ipairs(WINS) do
    it(case[1] .. " of the target", function()
      local document = document_of "amazon-s3-v2"
      case[2](document.targetSpec.spec)
      compare(told(document, case[3]), { table.unpack(case, 4) })
    end)
  end

  for _, case in ipairs(AUTH_WINS) do
    it(case[1] .. " of the credentials", function()
      local document = document_of "amazon-s3-v2"
      case[2](document)
      compare(told(document), { table.unpack(case, 3) })
    end)
  end

  it("modes where the catalog has none", function()
    local document = document_of "amazon-kinesis"
    document.targetSpec.spec.properties.mode = { enum = array { "Fast", "Slow" } }
    local definition = s3 { type = "amazon-kinesis", audiences = {}, auth = { accessKeyId = "a", secretKey = "b",
      region = "r" }, target = { stream = "s", region = "r" } }
    local text = told(document, definition)
    assert.truthy(text:find('error /target/mode: missing: expected "Fast" or "Slow"', 1, true), text)
    assert.truthy(text:find("warning /target/mode: the catalog (STR) says: targets have no mode", 1, true), text)
    definition.target.mode = "Slow"
    assert.equal("Slow", select(2, told(document, definition)).mode.name)
  end)

  it("what is secret, sent by itself, or of one kind of export, and no keys of other modes", function()
    local document = document_of "adobe-campaign"
    local first = document.authSpec[1].spec
    first.properties = { accessId = { type = "string", format = "password" }, secretKey = { type = "string" } }
    document.targetSpec.spec.properties.format.enum = array { "TSV" }
    local system = demands.system(document)
    local auth, mode = system.auth[1], catalog.named(system.modes, "S3")
    assert.same({ true, true }, { auth.params[1].secret, auth.params[2].secret })
    assert.is_nil(catalog.named(mode.params, "format").default)
    assert.is_nil(catalog.named(mode.params, "remotePath"))
    assert.is_nil(catalog.named(mode.params, "mode"))
    assert.equal("CSV", catalog.named(demands.system(document_of "adobe-campaign").modes[1].params, "format").default)
    document = document_of "amazon-s3-v2"
    document.targetSpec.spec.properties.fileType.conditional = nil
    local params = demands.system(document).modes[1].params
    assert.same({ "audiences", "datasets" }, { catalog.named(params, "fileType").exports,
      catalog.named(params, "datasetFileType").exports })
  end)

  it("a domain that the host stands for", function()
    local document = document_of "sftp"
    document.authSpec[1].spec.required = array { "domain", "host", "username", "password" }
    local definition = s3 { type = "sftp", audiences = {}, attributes = {}, target = { remotePath = "/" },
      auth = { spec = "Basic Authentication for sftp", host = "h", username = "u", password = "p" } }
    local text = told(document, definition)
    assert.truthy(text:find("warning /auth/domain: the catalog (D) says: optional", 1, true), text)
    assert.falsy(text:find "error")
    definition.auth.host = nil
    text = told(document, definition)
    assert.truthy(text:find("error /auth/domain: missing", 1, true), text)
    assert.truthy(text:find("error /auth/host: missing", 1, true), text)
  end)

  it("another parameter in the place of the catalog's", function()
    local document = document_of "amazon-kinesis"
    local spec = document.authSpec[1].spec
    spec.required, spec.properties.region = array { "accessKeyId", "secretKey", "connectionUrl" }, nil
    spec.properties.connectionUrl = { type = "string", format = "uri" }
    local definition = s3 { type = "amazon-kinesis", audiences = {}, auth = { accessKeyId = "a", secretKey = "b",
      connectionUrl = "https://kinesis.example.com" }, target = { stream = "s", region = "r" } }
    compare(told(document, definition), { "warning /auth/region: the catalog (STR) says: required; the spec document "
      .. "of this organisation: unknown", "warning /auth/connectionUrl: the catalog (STR) says: unknown; the spec",
      "warning /audiences" })
  end)

  it("differences of what the definition does not use not being told", function()
    local document = document_of "amazon-s3-v2"
    document.authSpec[2].spec.required = array { "s3Role", "region" }
    assert.equal("", (told(document)))
  end)
end)

describe("a destination of its document alone", function()
  local function custom(changes)
    local document = { id = "aaaaaaaa-0000-4000-8000-000000000001", name = "Acme",
      authSpec = array { { name = "Key", spec = { required = array { "key" },
        properties = { key = { type = "string", format = "password", minLength = 4 } } } } },
      targetSpec = { spec = { type = "object", required = array { "folder" },
        properties = { folder = { type = "string", pattern = "^/" }, parts = { type = "integer", maximum = 9 },
          split = { type = "boolean" } } } } }
    for key, value in pairs(changes or {}) do document[key] = value ~= "none" and value or nil end
    return document
  end
  local function acme(target, auth)
    return { name = "N", type = "Acme", auth = auth or { key = SECRET }, target = target or { folder = "/in" },
      audiences = {}, attributes = {} }
  end
  local NOTE = "warning /type: Acme is not in the catalog: it is set up "

  it("has the shape that its target shows, and this is told", function()
    local function shape(spec, attributes)
      return demands.system(custom { targetSpec = { spec = spec, attributes = attributes } }).shape
    end
    assert.equal("streaming", shape {})
    assert.equal("v2", shape({}, { partnerSchema = {} }))
    assert.equal("v2", shape { properties = { fileType = {} } })
    assert.equal("v2", shape { properties = { datasetFileType = {} } })
    assert.equal("legacy", shape { properties = { mode = { enum = array { "FTP" } } } })
    assert.equal("streaming", shape { properties = { mode = { type = "string" } } })
    assert.truthy(told(custom(), acme()):find(NOTE .. "like a stream, because its target has", 1, true))
  end)

  it("is checked by every word of it", function()
    local text = told(custom(), acme({ folder = "in", parts = 10, split = "yes", other = 1 }, { key = "abc" }))
    compare(text, { NOTE, 'error /target/folder: expected text of the form "^/", got "in"',
      "error /target/parts: expected 9 or less, got 10", 'error /target/split: expected true or false, got "yes"',
      "error /target/other: unknown key", "error /auth/key: expected at least 4 characters", "warning /attributes",
      "warning /audiences" })
    assert.falsy(text:find('"abc"', 1, true))
    text = told(custom(), acme({ folder = "/", parts = 1, split = true }, { key = "    " }))
    compare(text, { NOTE, "error /auth/key: expected text, and not blanks", "warning /attributes",
      "warning /audiences" })
    local document = custom()
    document.targetSpec.spec.properties.folder = { enum = array { " " }, type = "string" }
    compare(told(document, acme { folder = " " }), { NOTE, "warning /attributes", "warning /audiences" })
    text = told(custom(), acme({}, {}))
    assert.truthy(text:find("error /target/folder: missing: required by Acme", 1, true), text)
    assert.truthy(text:find('error /auth/key: missing: required by "Key"', 1, true), text)
    for _, value in ipairs { print, coroutine.create(print), io.stdout, 0 / 0, { a = { print } } } do
      assert.truthy(told(custom { targetSpec = { spec = { properties = { any = {} } } } }, acme { any = value })
        :find("error /target/any", 1, true))
    end
  end)

  it("keeps its secrets and needs no credentials where it names none", function()
    local auth = demands.system(custom()).auth[1]
    assert.is_true(auth.params[1].secret)
    local _, chosen = told(custom { authSpec = "none" }, { name = "N", type = "Acme", target = { folder = "/" },
      audiences = {}, attributes = {} })
    assert.is_nil(chosen.auth)
    assert.equal("Acme", chosen.system.title)
  end)

  it("takes a mode as any text where its document lists none", function()
    local document = custom()
    document.targetSpec.spec.properties.mode = { type = "string", minLength = 2 }
    local text, chosen = told(document, acme { folder = "/", mode = "fast" })
    assert.falsy(text:find "error")
    assert.is_nil(chosen.mode.name)
    assert.truthy(told(document, acme { folder = "/", mode = "f" }):find("error /target/mode: expected at least 2", 1,
      true))
    assert.truthy(told(custom(), acme { folder = "/", mode = "f" }):find("error /target/mode: the targets of Acme", 1,
      true))
  end)

  it("asks for what its workflow needs, and leaves other conditions to the service", function()
    local document = custom()
    local spec = document.targetSpec.spec
    local function conditional(field, operator, value)
      return { type = "string", conditional = { field = field, operator = operator, value = value } }
    end
    local workflow = "flowSpec.attributes._workflow"
    spec.properties = { fileType = conditional(workflow, "NOT_CONTAINS", "DATASETS"),
      datasetFileType = conditional(workflow, "CONTAINS", "DATASETS"), a = conditional(workflow, "LIKES", "DATASETS"),
      b = conditional("other", "CONTAINS", "DATASETS"), c = conditional(workflow, "CONTAINS", "OTHER") }
    spec.required = array { "fileType", "datasetFileType", "a", "b", "c" }
    local function missing(definition)
      local places = {}
      for place in told(document, definition):gmatch "error (%S+): missing" do places[#places + 1] = place end
      return places
    end
    assert.same({ "/target/fileType" }, missing(acme {}))
    local definition = acme {}
    definition.audiences, definition.attributes, definition.datasets = nil, nil, { { id = ("a"):rep(24) } }
    definition.schedule = schedule.datasets.daily { at = "02:00", from = "2030-01-01", to = "2030-12-31" }
    assert.same({ "/target/datasetFileType" }, missing(definition))
  end)

  it("means the auth spec whose keys are given, all of them and no others", function()
    local function auth(name, required, ...)
      local properties = {}
      for _, key in ipairs { ... } do properties[key] = {} end
      return { name = name, spec = { required = array(required), properties = properties } }
    end
    local document = custom { authSpec = array { auth("A", { "user", "token" }, "user", "token"),
      auth("B", { "user" }, "user", "token", "region") } }
    local function chosen(given)
      local _, result = told(document, acme(nil, given))
      return result and result.auth.name
    end
    assert.equal("B", chosen { user = "u" })
    assert.equal("B", chosen { user = "u", region = "r" })
    assert.is_nil(chosen { user = "u", token = "t" })
    assert.equal("A", chosen { user = "u", token = "t", spec = "A" })
  end)

  it("exports datasets when it has a parameter for them", function()
    local definition = { name = "N", type = "Acme", auth = { key = SECRET }, target = { folder = "/" },
      datasets = { { id = ("a"):rep(24) } },
      schedule = schedule.datasets.daily { at = "02:00", from = "2030-01-01", to = "2030-12-31" } }
    assert.truthy(told(custom(), definition):find("error /datasets: Acme takes no datasets", 1, true))
    local document = custom()
    document.targetSpec.spec.properties.datasetFileType = { type = "string", enum = array { "JSON" },
      conditional = { field = "flowSpec.attributes._workflow", operator = "CONTAINS", value = "DATASETS" } }
    compare(told(document, definition), { NOTE })
    definition.target.datasetFileType = "JSON"
    compare(told(document, definition), { NOTE })
  end)

  it("is none when its document has no target or no ID", function()
    for _, document in ipairs { custom { targetSpec = "none" }, custom { targetSpec = 5 }, custom { id = "none" },
      custom { id = 5 }, 5, "text", null, {} } do
      local failure = outcome.failure(demands.system, document)
      assert.same({ "recipe", "spec" }, { failure.kind, failure.code })
    end
  end)
end)

describe("a document of nonsense", function()
  --- Calls visit with copies of the document in which one node is another value.
  local function each_broken(document, visit)
    local paths = {}
    local function walk(node, path)
      paths[#paths + 1] = path
      if type(node) ~= "table" then return end
      for key, value in pairs(node) do
        walk(value, path .. "/" .. core.pointer.escape(tostring(math.type(key) and key - 1 or key)))
      end
    end
    walk(document, "")
    local values = { 5, "x", true, null, array {}, {}, array { 1, "a", {}, null }, { a = { a = 1 } }, "(((" }
    for _, path in ipairs(paths) do
      for _, value in ipairs(path == "" and {} or values) do
        visit(core.patch.new { { op = "replace", path = path, value = value } }:apply(document), path)
      end
    end
    return #paths
  end

  local function try(document, definition, path)
    local ok, failure = pcall(told, document, definition)
    if not ok then
      assert.is_true(core.error.is(failure, "recipe"), path .. ": " .. tostring(failure))
      assert.falsy(failure.message:find "table: 0x")
    end
  end

  it("fails in no other way than by findings, or as no document at all", function()
    local count = each_broken(document_of "amazon-s3-v2", function(document, path)
      try(document, s3(nil, { fileType = "CSV", csvOptions = { quote = "" } }), path)
    end)
    assert.is_true(count > 40)
    each_broken(document_of "adobe-campaign", function(document, path)
      try(document, s3({ type = "adobe-campaign", auth = { accessId = "a", secretKey = "b" } }), path)
    end)
  end)

  it("is as harmless for a destination that only it knows", function()
    local unknown = document_of "amazon-s3-v2"
    unknown.id = "aaaaaaaa-0000-4000-8000-000000000001"
    each_broken(unknown, function(document, path) try(document, s3 { type = unknown.id }, path) end)
  end)

  it("may be huge", function()
    local document = document_of "amazon-s3-v2"
    local spec = document.targetSpec.spec
    for i = 1, 2000 do
      spec.properties["p" .. i] = { type = "string", pattern = "^(a+)+" .. i .. "$" }
      spec.required[#spec.required + 1] = "p" .. i
    end
    spec.properties.path.pattern = "^(" .. ("(a|b|ab)*"):rep(400) .. ")+$"
    local text = told(document, s3(nil, { p1 = ("a"):rep(5000), path = ("ab"):rep(500) .. "c" }))
    assert.truthy(text:find("error /target/p1: expected text of the form", 1, true))
    assert.truthy(text:find("error /target/p2000: missing", 1, true))
    assert.truthy(text:find("/target/path: ", 1, true))
  end)
end)

describe("a definition that only the catalog refuses", function()
  local aep
  before_each(function()
    aep = fake_aep.new()
    local item = aep.connection_specs:find_item "86043421-563b-46ec-8e6c-e23184711bf6"
    item.authSpec = array { { name = "Aws Kinesis authentication credentials", spec = {
      required = array { "accessKeyId", "secretKey", "connectionUrl" },
      properties = { accessKeyId = {}, secretKey = { format = "password" }, connectionUrl = {} } } } }
    aep.requests = {}
  end)

  local function kinesis(changes)
    local made = { name = "N", type = "amazon-kinesis",
      auth = { accessKeyId = "a", secretKey = core.secret.new("K", SECRET),
        connectionUrl = "https://kinesis.example.com" }, target = { stream = "s", region = "r" },
      audiences = { { id = "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1" } }, attributes = { "person.name.firstName" } }
    for key, value in pairs(changes or {}) do made[key] = value end
    return destination.new(made)
  end

  it("is applied when the document allows it", function()
    local result = kinesis():apply(aep)
    assert.equal("https://kinesis.example.com", aep.connections:find_item(result.ids.base_connection)
      .auth.params.connectionUrl)
    local places = {}
    for i, warning in ipairs(result.warnings) do places[i] = warning.place end
    assert.same({ "/auth/region", "/auth/connectionUrl" }, places)
    assert.truthy(outcome.lines(kinesis():validate()):find "error /auth/connectionUrl: unknown key")
    assert.falsy(outcome.lines(kinesis():validate(aep)):find "error")
  end)

  it("is refused by the document, too, with nothing but reading", function()
    local failure = outcome.failure(function() kinesis { target = { stream = "s", regio = "r" } }:apply(aep) end)
    assert.truthy(failure.message:find('/target/regio: unknown key', 1, true), failure.message)
    assert.falsy(failure.message:find("connectionUrl", 1, true), failure.message)
    assert.same({ 1, "get" }, { #aep.requests, aep.requests[1].verb })
  end)

  it("is refused without asking when something else is wrong as well", function()
    local failure = outcome.failure(function() kinesis { name = "" }:apply(aep) end)
    assert.truthy(failure.message:find("/auth/connectionUrl: unknown key", 1, true), failure.message)
    assert.same({}, aep.requests)
  end)

  it("is refused by the catalog where the document cannot be read", function()
    aep.connection_specs.items = {}
    local failure = outcome.failure(function() kinesis():apply(aep) end)
    assert.same({ "recipe", 2 }, { failure.kind, #failure.findings:only "error" })
  end)
end)

describe("finding the document", function()
  local aep
  before_each(function() aep = fake_aep.new() end)

  local function gets() return #fake_aep.requests(aep, "get") end

  it("goes by key, ID or exact name", function()
    local campaign = "0b23e41a-cb4a-4321-a78f-3b654f5d7d97"
    assert.equal(campaign, demands.document(aep, "adobe-campaign").id)
    assert.equal(campaign, demands.document(aep, campaign).id)
    assert.equal(campaign, demands.document(aep, "Adobe Campaign").id)
    assert.equal(3, gets())
    table.insert(aep.connection_specs.items, { id = "x", name = "Acme, Inc." })
    assert.equal("x", demands.document(aep, "Acme, Inc.").id)
  end)

  it("says what is near, and which are called the same", function()
    table.insert(aep.connection_specs.items, { id = "x", name = "Acme" })
    local failure = outcome.failure(demands.document, aep, "Acmee")
    assert.equal("not_found", failure.code)
    assert.truthy(failure.message:find('did you mean "Acme"?', 1, true), failure.message)
    table.insert(aep.connection_specs.items, { id = "y", name = "Acme" })
    failure = outcome.failure(demands.document, aep, "Acme")
    assert.equal("ambiguous", failure.code)
    assert.truthy(failure.message:find('2 connection specs are called "Acme"; write the ID of one: x, y', 1, true))
    table.insert(aep.connection_specs.items, { id = "z", name = 5 })
    assert.equal("not_found", outcome.failure(demands.document, aep, "Nothing like it").code)
  end)
end)
