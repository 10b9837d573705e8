-- Exports a dataset to Amazon S3 every few hours
local sluice = require "sluice"

return sluice.recipe {
  name = "export_datasets_to_amazon_s3",
  version = "1.0.0",
  summary = "Exports a dataset to Amazon S3 every few hours",
  permissions = { environment = { "S3_ACCESS_KEY" } }, -- the name of a key, no secret
  params = {
    { name = "name", help = "what the dataflow is called", unique = true, default = "Orders to S3" },
    { name = "access_key", help = "AWS access key ID", env = "S3_ACCESS_KEY", example = "AKIAEXAMPLEABCDEFG23" },
    { name = "secret_key", type = "secret", help = "AWS secret access key", env = "S3_SECRET_KEY",
      example = "EXAMPLEKEYEXAMPLEKEYEXAMPLEKEYEXAMPLEKEY" },
    { name = "bucket", help = "bucket for the files", example = "customer-exports" },
    { name = "path", help = "folder in the bucket", example = "datasets" },
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
      type = "amazon-s3-v2",
      auth = { spec = "Access Key", s3AccessKey = params.access_key, s3SecretKey = params.secret_key },
      target = {
        bucketName = params.bucket, path = params.path, datasetFileType = params.file_type, compression = "GZIP",
      },
      datasets = { { id = params.dataset, name = params.dataset_name } },
      schedule = sluice.schedule.datasets.every_hours(params.hours) { from = params.first_day, to = params.end_day },
    })
  end,
}
