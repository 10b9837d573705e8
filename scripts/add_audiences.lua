-- Adds audiences to a live dataflow; each is exported once a day
local sluice = require "sluice"

local TEMPLATE = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"

return sluice.recipe {
  name = "add_audiences",
  version = "1.0.0",
  summary = "Adds audiences to a live dataflow; each is exported once a day",
  params = {
    { name = "flow", help = "ID or exact name of the dataflow", example = "Loyal customers to Campaign" },
    { name = "audiences", type = "list", of = "audience", separator = ",",
      help = "IDs or exact names of the audiences", example = { "Abandoned carts" } },
    { name = "time", type = "time", help = "hour of the daily export, UTC", default = "02:00" },
    { name = "first_day", type = "date", help = "day of the first export", example = "2030-01-01" },
    { name = "end_day", type = "date", help = "day after the last export", example = "2030-12-31" },
    { name = "incremental", type = "boolean", help = "after the first export only what changed", default = false },
    { name = "filename", help = "template of the file names", default = TEMPLATE },
  },
  run = function(ctx, params)
    ctx.example_dataflow(params.flow)
    local flow = sluice.dataflow(ctx.aep, params.flow)
    if flow:kind() == "streaming" then -- a stream has neither files nor hours
      return flow:add_audiences(ctx.audiences(params.audiences))
    end
    return flow:add_audiences(ctx.audiences(params.audiences, {
      filename = params.filename,
      export = params.incremental and "FIRST_FULL_THEN_INCREMENTAL" or "DAILY_FULL_EXPORT",
      schedule = sluice.schedule.daily { at = params.time, from = params.first_day, to = params.end_day },
    }))
  end,
}
