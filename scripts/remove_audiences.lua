-- Removes audiences from a live dataflow
local sluice = require "sluice"

return sluice.recipe {
  name = "remove_audiences",
  version = "1.0.0",
  summary = "Removes audiences from a live dataflow",
  params = {
    { name = "flow", help = "ID or exact name of the dataflow", example = "Loyal customers to Campaign" },
    { name = "audiences", type = "list", help = "IDs or exact names of the audiences",
      example = { "New subscribers" } },
  },
  run = function(ctx, params)
    ctx.example_dataflow(params.flow)
    return sluice.dataflow(ctx.aep, params.flow):remove_audiences(params.audiences)
  end,
}
