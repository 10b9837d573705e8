-- Exports an audience to Google Cloud Storage each day, as CSV, JSON or Parquet
local sluice = require "sluice"

return sluice.recipe {
  name = "activate_google_cloud_storage",
  version = "1.0.0",
  summary = "Exports an audience to Google Cloud Storage each day, as CSV, JSON or Parquet",
  permissions = { environment = { "GCS_ACCESS_KEY" } }, -- the name of a key, no secret
  params = {
    { name = "name", help = "what the dataflow is called", unique = true,
      default = "Loyal customers to Google Cloud Storage" },
    { name = "access_key", help = "ID of the HMAC key", env = "GCS_ACCESS_KEY", example = "GOOG1EXAMPLE" },
    { name = "secret_key", type = "secret", help = "secret of the HMAC key", env = "GCS_SECRET_KEY",
      example = "example-secret" },
    { name = "bucket", help = "bucket for the files", example = "customer-exports" },
    { name = "path", help = "folder in the bucket", example = "audiences" },
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
      type = "google-cloud-storage",
      auth = { accessKeyId = params.access_key, secretAccessKey = params.secret_key },
      target = {
        bucketName = params.bucket, path = params.path,
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
