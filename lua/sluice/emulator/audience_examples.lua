--- The audiences every sandbox has, all of them invented: a few of each kind the sources know, two that share
-- a name, and enough of the plain kind to fill several pages. The first five stay first.
local M = {}

---@class sluice.emulator.AudienceRow
---@field name string
---@field text string description
---@field key string what its id is made from
---@field origin? "upload"|"manager"|"composition" where it was made; without it by Segmentation
---@field external_id? string
---@field state? string lifecycle state; published without it
---@field streaming? boolean evaluated continuously

---@type sluice.emulator.AudienceRow[]
M.list = {
  { name = "Loyal customers", text = "Three or more orders in the last year" },
  { name = "New subscribers", text = "Signed up in the last 30 days", streaming = true },
  { name = "Abandoned carts", text = "Left a cart in the last 7 days", streaming = true },
  { name = "High value", text = "Lifetime value above 1000" },
  { name = "Trade fair contacts", text = "Uploaded list", origin = "upload" },
  -- Names that begin alike, and one name twice.
  { name = "Loyal customers, north", text = "Loyal customers of the northern stores" },
  { name = "Spring campaign", text = "Responded in spring", key = "Spring campaign 1" },
  { name = "Spring campaign", text = "Invited for spring, uploaded", key = "Spring campaign 2",
    origin = "upload" },
  { name = "Frequent readers", text = "From Audience Manager", origin = "manager",
    external_id = "extaud9001" },
  { name = "Look-alikes of loyal customers", text = "From Audience Manager", origin = "manager",
    external_id = "extaud9002" },
  { name = "Best of both", text = "Composed of two audiences", origin = "composition" },
  { name = "Next season", text = "Not yet published", state = "draft" },
  { name = "Old newsletter", text = "No longer evaluated", state = "inactive" },
  { name = "Black Friday 2022", text = "Kept for reference", state = "archived" },
}

local UPLOADS = 12 -- more than one dataflow may have
local TOWNS = { "Amsterdam", "Berlin", "Copenhagen", "Dublin", "Edinburgh", "Florence", "Geneva", "Hamburg",
  "Istanbul", "Jena" }
local DEEDS = { "Buyers", "Visitors", "Subscribers", "Callers", "Returners", "Reviewers", "Guests", "Members",
  "Bargain hunters", "First orders", "Window shoppers" }

for i = 1, UPLOADS do
  M.list[#M.list + 1] = { name = ("Event list %d"):format(i), text = "Uploaded list", origin = "upload" }
end
for _, town in ipairs(TOWNS) do
  for _, deed in ipairs(DEEDS) do
    M.list[#M.list + 1] = { name = ("%s in %s"):format(deed, town),
      text = ("%s of the store in %s"):format(deed, town) }
  end
end
for _, row in ipairs(M.list) do row.key = row.key or row.name end

return M
