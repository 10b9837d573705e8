-- Gives the audiences of a live dataflow another schedule
local sluice = require "sluice"

-- How often → the schedule, in the words of sluice.schedule.
local SCHEDULES = {
  daily = function(at, from, to) return sluice.schedule.daily { at = at, from = from, to = to } end,
  once = function(at, from) return sluice.schedule.once { at = at, on = from } end,
  ["after-evaluation"] = function(_, from, to)
    return sluice.schedule.daily { after_evaluation = true, from = from, to = to }
  end,
}
for _, hours in ipairs { 3, 6, 8, 12 } do
  SCHEDULES[("every-%d-hours"):format(hours)] = function(at, from, to)
    return sluice.schedule.every_hours(hours) { at = at, from = from, to = to }
  end
end

return sluice.recipe {
  name = "reschedule",
  version = "1.0.0",
  summary = "Gives the audiences of a live dataflow another schedule",
  params = {
    { name = "flow", help = "ID or exact name of the dataflow", example = "Loyal customers to Campaign" },
    { name = "audiences", type = "list", help = "IDs or exact names of those to reschedule", default = { "all" } },
    { name = "often", type = "enum", help = "how often they are exported", default = "daily",
      values = { "daily", "every-12-hours", "every-8-hours", "every-6-hours", "every-3-hours", "once",
        "after-evaluation" } },
    { name = "time", type = "time", default = "02:00",
      help = "hour of the first export of a day, UTC; unused after-evaluation" },
    { name = "first_day", type = "date", help = "day of the first export", example = "2030-01-01" },
    { name = "end_day", type = "date", help = "day after the last export; unused with once", example = "2030-12-31" },
  },
  run = function(ctx, params)
    ctx.example_dataflow(params.flow)
    local all = #params.audiences == 1 and params.audiences[1] == "all"
    local schedule = SCHEDULES[params.often](params.time, params.first_day, params.end_day)
    local flow = sluice.dataflow(ctx.aep, params.flow)
    return flow:reschedule(schedule, { audiences = not all and params.audiences or nil })
  end,
}
