--- What the fuzzers do with the bytes they are given: each function gives nil or says what is wrong. `json` and
--- `pointer` read them as text, `bundle` as an archive; `apply` and `diff` take them as the decisions of the generators
--- of tests/property.

local bundles = require "sluice.bundle.read"
local core = require "sluice.core"
local manifests = require "sluice.bundle.manifest"
local model = require "property.model"
local properties = require "property.properties"
local source = require "property.source"

local json, pointer = core.json, core.pointer

local M = {}

local function describe(property, case, fault)
  local lines = { property.name .. ": " .. fault }
  for _, part in ipairs(property.parts) do lines[#lines + 1] = part .. " = " .. json.encode(case[part]) end
  for _, option in ipairs { "keys", "test", "whole" } do
    if case[option] ~= nil then lines[#lines + 1] = option .. " = " .. json.encode(case[option]) end
  end
  return table.concat(lines, "\n")
end

--- Runs the properties of these names on cases made of the bytes.
local function check(bytes, names)
  for _, property in ipairs(properties) do
    if names[property.name] then
      source.feed(bytes)
      local case = property.make()
      local fault = property.check(case)
      if fault then return describe(property, case, fault) end
    end
  end
end

--- A text is refused with an error of ours, or comes back the same from what is written of it.
function M.json(bytes)
  local done, value = pcall(json.decode, bytes, "the input")
  if not done then return not core.error.is(value, "json") and "raises " .. tostring(value) or nil end
  local text = json.encode(value)
  if not model.same(json.decode(text), value, true) then return "comes back otherwise from " .. text end
  if json.encode(json.decode(text)) ~= text then return "is written in two ways: " .. text end
end

local DOCUMENT = json.decode [=[{"": {"": [0, [1, {"a/b": {"m~n": null}}]]}, "a": [[], {}, 0], "0": {"-": 1, "~": 2}}]=]

--- The first line is a pointer; what follows, if it is JSON, the document to look into.
function M.pointer(bytes)
  local text, rest = bytes:match "^([^\n]*)\n?(.*)$"
  local readable, document = pcall(json.decode, rest)
  if not readable then document = DOCUMENT end
  local expected, parsed, tokens = model.tokens(text), pcall(pointer.parse, text)
  if not parsed and not core.error.is(tokens, "patch") then return "raises " .. tostring(tokens) end
  if expected and #expected > 512 then return parsed and "is too long, but read" or nil end
  if parsed ~= (expected ~= nil) then return parsed and "is read" or "is refused: " .. tostring(tokens) end
  local found, err = pointer.get(document, text)
  if found == nil and not core.error.is(err, "patch") then return "is not found without an error" end
  if not parsed then return found ~= nil and "finds something" or nil end
  if not model.same(tokens, json.array(expected)) then return "is read as " .. json.encode(tokens) end
  if pointer.format(tokens) ~= text then return "is written as " .. pointer.format(tokens) end
  if not rawequal(found, model.get(document, text)) then return "finds " .. tostring(found) end
end

function M.apply(bytes)
  return check(bytes, {
    ["apply does what RFC 6902 says"] = true,
    ["inverse undoes any patch"] = true,
    ["addressing by identity is resolved"] = true,
    ["merge patch does what RFC 7396 says"] = true,
  })
end

function M.diff(bytes)
  return check(bytes, {
    ["diff leads from one to the other"] = true,
    ["guarded diff leads there, too"] = true,
    ["keyed diff leads there but for the order"] = true,
    ["inverse undoes a diff"] = true,
    ["inverse undoes a keyed diff"] = true,
  })
end

-- ── bundles ────────────────────────────────────────────────────────────────────────────────────────────────

--- Reads members as a bundle: a refusal is one of ours, in one line.
local function read_members(members, front)
  local done, found = pcall(bundles.of, "the input", members, front)
  if done then return nil, found end
  if not core.error.is(found, "recipe") then return "raises " .. tostring(found) end
  if found.message:find "[%c]" then return "is refused with a text that steers: " .. found.message end
end

--- An archive that is read is the one that is written of what is in it: there is no second form.
local function archive(bytes)
  local members, front = core.archive.parse(bytes)
  if members and core.archive.write(members, front) ~= bytes:sub(front + 1) then return "is never written so" end
  return (read_members(members, front))
end

--- A text as the manifest of an archive that is good besides.
local function manifest(text)
  local members = { { name = "a.lua", bytes = "return 1" }, { name = manifests.NAME, bytes = text } }
  local fault, bundle = read_members(core.archive.parse(core.archive.write(members)))
  if bundle and manifests.encode(bundle.manifest) ~= text then return "is taken for a manifest" end
  return fault
end

--- The first byte says what follows: "m" a manifest, anything else an archive.
function M.bundle(bytes)
  local text = bytes:match "^m(.*)$"
  return (text and manifest or archive)(text or bytes)
end

return M
