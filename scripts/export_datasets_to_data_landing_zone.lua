-- Exports a dataset to the sandbox's Data Landing Zone every few hours; no credentials needed
local sluice = require "sluice"

return sluice.recipe {
  name = "export_datasets_to_data_landing_zone",
  version = "1.0.0",
  summary = "Exports a dataset to the sandbox's Data Landing Zone every few hours; no credentials needed",
  params = {
    { name = "name", help = "what the dataflow is called", unique = true, default = "Orders to the landing zone" },
    { name = "path", help = "folder in the landing zone", default = "datasets" },
    { name = "dataset", help = "ID of the dataset", example = "5ef3e3259ad2a1191ab7dd7d" },
    { name = "dataset_name", help = "name of the dataset", example = "Orders" },
    { name = "file_type", type = "enum", values = { "JSON", "PARQUET" }, help = "kind of file", default = "PARQUET" },
    { name = "hours", type = "integer", help = "hours between two exports", default = 6,
      form = "3, 6, 9 or 12", check = function(hours) return hours % 3 == 0 and hours >= 3 and hours <= 12 end },
    { name = "first_day", type = "date", help = "day of the first export", example = "2030-01-01" },
    { name = "end_day", type = "date", help = "day after the last export", example = "2030-12-31" },
  },
  run = function(ctx, params)
    return ctx.apply(sluice.destination {
      name = params.name,
      type = "data-landing-zone",
      target = {
        path = params.path, datasetFileType = params.file_type, compression = "GZIP",
      },
      datasets = { { id = params.dataset, name = params.dataset_name } },
      schedule = sluice.schedule.datasets.every_hours(params.hours) { from = params.first_day, to = params.end_day },
    })
  end,
}
