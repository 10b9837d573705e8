--- prepare.lua FOLDER: writes what the contestants of patch.sh work on, one JSON file each:
---   TASK.a, TASK.b       documents before and after
---   TASK.there, .back    patches from one to the other, for the tasks that apply
--- Both directions are made by hand here, and checked with the plain model of tests/property.

local core = require "sluice.core"
local data = require "bench.data"
local model = require "property.model"

local json = core.json
local FOLDER = assert(arg[1], "usage: prepare.lua FOLDER")

local function write(name, value)
  local file = assert(io.open(FOLDER .. "/" .. name, "wb"))
  assert(file:write(json.encode(value)))
  file:close()
end

--- Writes a task to apply: a document and two patches that undo each other.
local function write_apply(task, document, there, back)
  local after = assert(model.apply(document, there), "the patch cannot be applied")
  assert(model.same(model.apply(after, back), document), "the way back does not lead back")
  write(task .. ".a", document)
  write(task .. ".b", after)
  write(task .. ".there", there)
  write(task .. ".back", back)
end

--- Changes one array as told, from the document before: indexes from 0 to remove and to replace, elements to append.
--- Gives both patches; removals go downwards.
local function change(path, list, removed, replaced, added)
  local there, back, left = json.array(), json.array(), #list - #removed
  local function step(patch, op, index, value)
    patch[#patch + 1] = { op = op, path = path .. "/" .. index, value = value }
  end
  for _, item in ipairs(replaced) do step(there, "replace", item.index, item.value) end
  for i = #removed, 1, -1 do step(there, "remove", removed[i]) end
  for _, value in ipairs(added) do step(there, "add", "-", value) end
  for i = #added, 1, -1 do step(back, "remove", left + i - 1) end
  for _, index in ipairs(removed) do step(back, "add", index, list[index + 1]) end
  for _, item in ipairs(replaced) do step(back, "replace", item.index, list[item.index + 1]) end
  return there, back
end

--- Every `stride`-th index from `first` on, `count` of them.
local function every(stride, first, count)
  local indexes = {}
  for i = 1, count do indexes[i] = first + (i - 1) * stride end
  return indexes
end

local function rescheduled(list, indexes)
  local items = {}
  for i, index in ipairs(indexes) do
    local value = json.copy(list[index + 1])
    value.value.schedule.startTime = "09:30"
    items[i] = { index = index, value = value }
  end
  return items
end

local function new_audiences(count)
  local values = {}
  for i = 1, count do values[i] = data.audience(7777, i) end
  return values
end

local function concat(a, b)
  return table.move(b, 1, #b, #a + 1, a)
end

local flow = data.flow(1, 200, 100)
local audiences = model.get(flow, data.SELECTORS)
local attributes = model.get(flow, data.ATTRIBUTES)

--- 12 operations: a test, changed, removed and new audiences, the name, a move, a copy.
local changed = rescheduled(audiences, { 3, 77, 150 })
local there, back = change(data.SELECTORS, audiences, { 20, 140 }, changed, new_audiences(3))
table.insert(there, 1, { op = "test", path = "/etag", value = flow.etag })
table.insert(back, 1, { op = "test", path = "/etag", value = flow.etag })
concat(there, { { op = "replace", path = "/name", value = "Renamed" },
  { op = "move", from = "/description", path = "/notes" }, { op = "copy", from = "/flowSpec", path = "/spec" } })
concat(back, { { op = "replace", path = "/name", value = flow.name },
  { op = "move", from = "/notes", path = "/description" }, { op = "remove", path = "/spec" } })
write_apply("apply-flow", flow, there, back)

--- 41 changes: 10 audiences gone, 16 rescheduled, 5 new; 5 attributes gone, 5 new.
there = change(data.SELECTORS, audiences, every(19, 3, 10), rescheduled(audiences, every(12, 1, 16)), new_audiences(5))
local fields = {}
for i = 1, 5 do fields[i] = data.attribute(1000 + i) end
concat(there, (change(data.ATTRIBUTES, attributes, every(18, 6, 5), {}, fields)))
write("diff-flow.a", flow)
write("diff-flow.b", assert(model.apply(flow, there)))
write("diff-flow.there", there)

--- 5,000 selectors, 501 changes: 100 gone, 301 rescheduled, 100 new.
local selectors = data.flow(1, 5000, 0)
local all = model.get(selectors, data.SELECTORS)
changed = rescheduled(all, every(16, 2, 301))
there, back = change(data.SELECTORS, all, every(48, 5, 100), changed, new_audiences(100))
write_apply("apply-selectors", selectors, there, back)
write("diff-selectors.a", selectors)
write("diff-selectors.b", assert(model.apply(selectors, there)))
write("diff-selectors.there", there)

local flows = json.array()
for i = 1, 10000 do flows[i] = data.flow(i, 5, 1) end
for _, task in ipairs { "decode-flows", "encode-flows" } do
  write(task .. ".a", flows)
end
