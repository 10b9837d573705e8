--- judge.lua FOLDER TASK: is the result in FOLDER/out right? Prints "right", "WRONG" or "lossy" and, for a patch, the
--- number of its operations. A patch is carried out by the plain model of tests/property; an order of audiences and
--- attributes other than the one asked for is said as "right, other order".

local json = require "sluice.core".json
local keyed = require "property.keyed"
local model = require "property.model"

local folder, task = table.unpack(arg)

local function read(name)
  local file <close> = assert(io.open(folder .. "/" .. name, "rb"))
  return json.decode(file:read "a", name)
end

local KEYS = {
  ["/transformations/*/params/segmentSelectors/selectors"] = "/value/id",
  ["/transformations/*/params/profileSelectors/selectors"] = "/value/path",
}

local function judge_diff(patch)
  local result, expected = model.apply(read(task .. ".a"), patch), read(task .. ".b")
  local verdict = result == nil and "WRONG" or model.same(result, expected) and "right"
    or keyed.same(result, expected, KEYS, {}) and "right, other order" or "WRONG"
  return verdict .. "\t" .. #patch
end

local JUDGES = {
  apply = function(result) return model.same(result, read(task .. ".b")) and "right\t" or "WRONG\t" end,
  diff = judge_diff,
  decode = function(result) return model.same(result, read(task .. ".a"), true) and "right\t" or "lossy\t" end,
}
JUDGES.encode = JUDGES.decode

print(JUDGES[task:match "^%a+"](read "out"))
