-- Exports an audience to the sandbox's Data Landing Zone each day; no credentials needed
local sluice = require "sluice"

return sluice.recipe {
  name = "activate_data_landing_zone",
  version = "1.0.0",
  summary = "Exports an audience to the sandbox's Data Landing Zone each day; no credentials needed",
  params = {
    { name = "name", help = "what the dataflow is called", unique = true,
      default = "Loyal customers to the landing zone" },
    { name = "path", help = "folder in the landing zone", default = "audiences" },
    { name = "file_type", type = "enum", values = { "CSV", "JSON", "PARQUET" }, default = "CSV",
      help = "kind of file" },
    { name = "compression", type = "enum", values = { "NONE", "GZIP" }, help = "of the files", default = "NONE" },
    { name = "audience", type = "list", of = "audience", help = "ID or exact name of an audience",
      example = { "Loyal customers" } },
    { name = "time", type = "time", help = "hour of the daily export, UTC", default = "02:00" },
    { name = "first_day", type = "date", help = "day of the first export", example = "2030-01-01" },
    { name = "end_day", type = "date", help = "day after the last export", example = "2030-12-31" },
  },
  run = function(ctx, params)
    return ctx.apply(sluice.destination {
      name = params.name,
      type = "data-landing-zone",
      target = {
        path = params.path,
        fileType = params.file_type, compression = params.compression,
      },
      audiences = ctx.audiences(params.audience, {
        filename = "%DESTINATION%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%",
        schedule = sluice.schedule.daily { at = params.time, from = params.first_day, to = params.end_day },
      }),
      attributes = {
        { path = "person.name.firstName", column = "first_name" },
        { path = "person.name.lastName", column = "last_name" },
        { path = "personalEmail.address", mandatory = true, deduplicate = true },
        { path = "segmentMembership.ups.seg_id.status", column = "status" },
      },
    })
  end,
}
