--- No table is in the hands of a restricted recipe and of the house: walked from both sides, with the eyes of `debug`.

local child = require "spec.support.child"
local stranger = require "spec.support.stranger"

--- A recipe that has had everything in its hands that the house gives out.
local RECIPE = [[
local sluice = require "sluice"
local aep = sluice.connect()
local audiences = aep.audiences:list { limit = 2 }
local d = sluice.destination { name = "x", type = "amazon-s3-v2",
  auth = { s3AccessKey = "AKIAIOSFODNN7EXAMPLE",
    s3SecretKey = sluice.secret.new("s", "tellnobody4711tellnobody4711tellnobody47") },
  target = { bucketName = "bucket", path = "p", fileType = "CSV", compression = "NONE" },
  audiences = { { id = audiences[1].id, filename = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%",
    schedule = sluice.schedule.daily { from = "2030-01-01", to = "2030-02-01", at = "10:00" } } },
  attributes = { "person.name.firstName",
    { path = "personalEmail.address", mandatory = true, deduplicate = true } } }
passed.result = d:apply(aep, { on_step = function(step) passed.step = step end })
local ids = passed.result.ids
passed.given = { aep, audiences, d, d:validate(), d:validate(aep), d:preview(), aep.flows:list(), aep.runs:list(),
  aep.connection_specs:list(), aep.sandboxes:list(), sluice.dataflow(aep, ids.flow), sluice.account(aep,
  ids.base_connection), sluice.target(aep, ids.target_connection), sluice.patch():add("/a", 1),
  sluice.patch.diff({ a = 1 }, { a = 2 }), sluice.json.decode "[{}]", { pcall(aep.flows.get, aep.flows, "none") },
  { pcall(sluice.json.decode, "{") }, { pcall(d.apply, sluice.destination {}, aep) }, require "cjson",
  sluice.recipe { name = "a", version = "1", summary = "s", params = {}, run = print },
  sluice.dataflow(aep, ids.flow):rename "y" }
for _, name in ipairs(NAMES) do passed[name] = sluice[name] end
try("made", function() return passed.result.created > 0 end)
]]

--- Tables that can be reached by looking into tables, and by the fields that classes would show.
local AFTER = [[
local function walk(root, next_of)
  local paths, queue = {}, {}
  local function add(value, path)
    if value ~= nil and next_of.wanted[type(value)] and not paths[value] and not next_of.skipped[value] then
      paths[value] = path
      queue[#queue + 1] = value
    end
  end
  for path, value in pairs(root) do add(value, path) end
  local i = 1
  while queue[i] do
    next_of.step(queue[i], function(value, name) add(value, paths[queue[i] ] .. name) end)
    i = i + 1
  end
  return paths
end

local function look_into(table_, add)
  for key, value in next, table_ do
    add(key, ".<key>")
    add(value, "." .. tostring(key))
  end
end

local theirs = walk({ env = env, passed = env.passed }, { wanted = { table = true }, skipped = {},
  step = function(value, add)
    look_into(value, add)
    local metatable, fields = raw.getmetatable(value), { __index = true, methods = true }
    for key in next, metatable or {} do fields[key] = true end
    local class = metatable and metatable.__index
    for key in next, type(class) == "table" and class or {} do fields[key] = true end
    for key in next, fields do
      local ok, found = pcall(function() return value[key] end)
      if ok then add(found, "[" .. tostring(key) .. "]") end
    end
  end })

local roots = {}
for name, module in pairs(package.loaded) do
  if type(name) ~= "string" or not name:find "^sluice%.restrict" and not name:find "^sluice%.emulator" then
    roots[name] = module
  end
end
local ours = walk(roots, { wanted = { table = true, ["function"] = true, userdata = true },
  skipped = { [env] = true, [env.passed] = true }, step = function(value, add)
    local metatable = raw.getmetatable(value)
    add(metatable, "<metatable>")
    if type(value) == "table" and not (metatable and metatable.__mode) then look_into(value, add) end
    for i = 1, type(value) == "function" and 255 or 0 do
      local name, found = raw.getupvalue(value, i)
      if not name then break end
      add(found, "^" .. name)
    end
  end })

local seen, count = 0, 0
for value, path in pairs(theirs) do
  seen = seen + 1
  if ours[value] then print(("shared: %s and %s"):format(path, ours[value])) end
end
for _ in pairs(ours) do count = count + 1 end
print("walked: " .. tostring(seen > 300 and count > 1000))
]]

describe("a restricted recipe", function()
  it("shares no table with the house", function()
    local face = require "sluice.restrict.face"
    local folder, names = child.folder(), {}
    for _, list in ipairs { face.copied, face.made } do
      for _, name in ipairs(list) do names[#names + 1] = ("%q"):format(name) end
    end
    local said = stranger.run(folder, "nil", RECIPE, { after = AFTER, before = "env.NAMES = { "
      .. table.concat(names, ", ") .. " }\n", first = [[
      local raw = { getmetatable = debug.getmetatable, getupvalue = debug.getupvalue }
    ]] })
    child.remove(folder)
    assert.same({ "made: true", "walked: true" }, said)
  end)

  it("is given a copy of every part of sluice, or a part of its own", function()
    local face, sluice, known, names = require "sluice.restrict.face", require "sluice", {}, {}
    for _, list in ipairs { face.copied, face.made } do
      for _, name in ipairs(list) do known[name] = true end
    end
    for name in pairs(getmetatable(sluice).places) do names[name] = true end
    for name in pairs(sluice) do names[name] = true end
    for name in pairs(names) do assert.is_true(known[name], name .. " is neither copied nor made anew") end
  end)
end)
