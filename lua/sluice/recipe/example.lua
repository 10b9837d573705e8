--- Something to change: recipes that change what is there need a dataflow, and a fresh emulator has none.

local dates = require "sluice.activation.dates"
local destination = require "sluice.destination"
local schedule = require "sluice.activation.schedule"

local M = {}

local TEMPLATE = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"

--- An audience that is exported each day of a year; the first day was yesterday, so that it can be exported now.
local function audience(name)
  local now = dates.now()
  return { name = name, filename = TEMPLATE, schedule = schedule.daily { at = "02:00",
    from = dates.date(now - dates.DAY), to = dates.date(now + 365 * dates.DAY) } }
end

local function definition(name)
  return {
    name = name, type = "adobe-campaign",
    auth = { domain = "campaign.example.com", host = "campaign.example.com", username = "adobe",
      password = "example-password" },
    target = { remotePath = "/incoming" },
    audiences = { audience "Loyal customers", audience "New subscribers" },
    attributes = { "person.name.firstName", { path = "personalEmail.address", mandatory = true, deduplicate = true } },
  }
end

--- Sets a small destination up, on an emulator that holds no dataflow yet, and says so. Elsewhere it does nothing.
---@param ctx sluice.recipe.context
---@param name string what the dataflow is called; its account is "<name> - account"
function M.set_up(ctx, name)
  if not ctx.emulated or #ctx.aep.flows:page { limit = 1 } > 0 then return end
  ctx.log "the emulator holds no dataflow yet, so an example to be changed is set up first"
  ctx.apply(destination.new(definition(name)))
end

return M
