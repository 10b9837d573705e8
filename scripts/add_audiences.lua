-- Adds audiences to a live dataflow; each is exported once a day
local example = require "sluice.recipe.example"
local sluice = require "sluice"

local TEMPLATE = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"

return sluice.recipe {
  name = "add_audiences",
  version = "1.0.0",
  summary = "Adds audiences to a live dataflow; each is exported once a day",
  params = {
    { name = "flow", help = "ID or exact name of the dataflow", example = "Loyal customers to Campaign" },
    { name = "audiences", type = "list", help = "IDs or exact names of the audiences",
      example = { "Abandoned carts" } },
    { name = "time", help = "hour of the daily export, UTC", default = "02:00" },
    { name = "first_day", help = "day of the first export", example = "2030-01-01" },
    { name = "end_day", help = "day after the last export", example = "2030-12-31" },
    { name = "incremental", type = "boolean", help = "after the first export only what changed", default = false },
    { name = "filename", help = "template of the file names", default = TEMPLATE },
  },
  run = function(ctx, params)
    example.set_up(ctx, params.flow)
    local flow = sluice.dataflow(ctx.aep, params.flow)
    local streaming = flow:kind() == "streaming" -- a stream has neither files nor hours
    local audiences = {}
    for i, word in ipairs(params.audiences) do
      local is_id = word:match "^%x+%-%x+%-%x+%-%x+%-%x+$" ~= nil
      audiences[i] = { id = is_id and word or nil, name = not is_id and word or nil }
      if not streaming then
        audiences[i].filename = params.filename
        audiences[i].export = params.incremental and "FIRST_FULL_THEN_INCREMENTAL" or "DAILY_FULL_EXPORT"
        audiences[i].schedule = sluice.schedule.daily { at = params.time, from = params.first_day, to = params.end_day }
      end
    end
    return flow:add_audiences(audiences)
  end,
}
