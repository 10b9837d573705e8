-- Pauses a live dataflow, resumes it, or does both with a break in between
local sluice = require "sluice"

--- Pauses, waits, resumes. Whatever ends the break early, what stands is said.
local function take_a_break(ctx, flow, seconds)
  local paused = flow:disable()
  ctx.log(("the dataflow is paused for %d seconds"):format(seconds))
  local ok, failure = pcall(sluice.sleep, seconds)
  if not ok then
    ctx.log "the dataflow is still paused; --action resume resumes it"
    error(failure, 0)
  end
  local resumed = flow:enable()
  resumed.changed = paused.changed + resumed.changed
  table.insert(resumed.explained, 1, paused.explained[1])
  return resumed
end

return sluice.recipe {
  name = "pause_and_resume",
  version = "1.0.0",
  summary = "Pauses a live dataflow, resumes it, or does both with a break in between",
  params = {
    { name = "flow", help = "ID or exact name of the dataflow", example = "Loyal customers to Campaign" },
    { name = "action", type = "enum", values = { "pause", "resume", "both" }, help = "what to do", example = "both" },
    { name = "seconds", type = "integer", help = "length of the break, with both", default = 0 },
  },
  run = function(ctx, params)
    ctx.example_dataflow(params.flow)
    local flow = sluice.dataflow(ctx.aep, params.flow)
    if params.action == "pause" then return flow:disable() end
    if params.action == "resume" then return flow:enable() end
    return take_a_break(ctx, flow, params.seconds)
  end,
}
