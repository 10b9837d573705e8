-- Exports an audience to Azure Data Lake Gen2 each day, as CSV, JSON or Parquet
local sluice = require "sluice"

return sluice.recipe {
  name = "activate_adls_gen2",
  version = "1.0.0",
  summary = "Exports an audience to Azure Data Lake Gen2 each day, as CSV, JSON or Parquet",
  params = {
    { name = "name", help = "what the dataflow is called", unique = true,
      default = "Loyal customers to Data Lake Gen2" },
    { name = "url", help = "endpoint of the storage", env = "ADLS_URL",
      example = "https://example.dfs.core.windows.net" },
    { name = "tenant", help = "domain name or ID of the tenant", env = "ADLS_TENANT", example = "example.com" },
    { name = "principal", help = "ID of the service principal", env = "ADLS_PRINCIPAL",
      example = "6b1f4e0a-5d2c-4e8b-9a37-0c9d1e2f3a4b" },
    { name = "principal_key", type = "secret", help = "key of the service principal", env = "ADLS_PRINCIPAL_KEY",
      example = "example-key" },
    { name = "path", help = "folder for the files", example = "audiences" },
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
      type = "adls-gen2",
      auth = {
        spec = "Azure Service Principal Auth",
        url = params.url, tenant = params.tenant,
        servicePrincipalId = params.principal, servicePrincipalKey = params.principal_key,
      },
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
