-- Exports audiences of a live dataflow now, besides their schedule
local sluice = require "sluice"

return sluice.recipe {
  name = "export_now",
  version = "1.0.0",
  summary = "Exports audiences of a live dataflow now, besides their schedule",
  params = {
    { name = "flow", help = "ID or exact name of the dataflow", example = "Loyal customers to Campaign" },
    { name = "audiences", type = "list", help = "IDs or exact names of those to export", default = { "all" } },
    { name = "wait", type = "integer", help = "seconds to wait for the files", default = 3600 },
  },
  run = function(ctx, params)
    ctx.example_dataflow(params.flow)
    local all = #params.audiences == 1 and params.audiences[1] == "all"
    local flow = sluice.dataflow(ctx.aep, params.flow)
    return flow:export_now(not all and params.audiences or nil, { deadline = params.wait })
  end,
}
