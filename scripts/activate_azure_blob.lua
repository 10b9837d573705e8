-- Exports an audience to an Azure Blob container each day
local sluice = require "sluice"

return sluice.recipe {
  name = "activate_azure_blob",
  version = "1.0.0",
  summary = "Exports an audience to an Azure Blob container each day",
  params = {
    { name = "name", help = "what the dataflow is called", unique = true, default = "Loyal customers to Azure Blob" },
    { name = "connection_string", type = "secret", help = "connection string of the storage account",
      env = "AZURE_STORAGE_CONNECTION_STRING",
      example = "DefaultEndpointsProtocol=https;AccountName=example;AccountKey=ZXhhbXBsZQ==" },
    { name = "container", help = "container that receives the files", example = "audiences" },
    { name = "path", help = "folder in the container", example = "exports/daily" },
    { name = "audience", type = "list", of = "audience", help = "ID or exact name of an audience",
      example = { "Loyal customers" } },
    { name = "time", type = "time", help = "hour of the daily export, UTC", default = "02:00" },
    { name = "first_day", type = "date", help = "day of the first export", example = "2030-01-01" },
    { name = "end_day", type = "date", help = "day after the last export", example = "2030-12-31" },
  },
  run = function(ctx, params)
    return ctx.apply(sluice.destination {
      name = params.name,
      type = "azure-blob",
      auth = { spec = "ConnectionString", connectionString = params.connection_string },
      target = { mode = "AZURE_BLOB", container = params.container, path = params.path },
      audiences = ctx.audiences(params.audience, {
        filename = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%",
        schedule = sluice.schedule.daily { at = params.time, from = params.first_day, to = params.end_day },
      }),
      attributes = {
        "person.name.firstName",
        "person.name.lastName",
        { path = "personalEmail.address", mandatory = true, deduplicate = true },
        "segmentMembership.seg_namespace.seg_id.status",
      },
    })
  end,
}
