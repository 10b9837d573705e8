-- Exports an audience to an Amazon S3 bucket each day
local sluice = require "sluice"

return sluice.recipe {
  name = "activate_amazon_s3",
  version = "1.0.0",
  summary = "Exports an audience to an Amazon S3 bucket each day",
  params = {
    { name = "name", help = "what the dataflow is called", unique = true, default = "Loyal customers to S3" },
    { name = "access_key", help = "access key ID of the S3 user", env = "AWS_ACCESS_KEY_ID",
      example = "AKIAEXAMPLEEXAMPLE22" },
    { name = "secret_key", type = "secret", help = "its secret access key", env = "AWS_SECRET_ACCESS_KEY",
      example = "exampleexampleexampleexampleexampleexamp" },
    { name = "bucket", help = "bucket that receives the files", example = "example-audiences" },
    { name = "path", help = "folder in the bucket", example = "exports/daily" },
    { name = "audience", type = "list", of = "audience", help = "ID or exact name of an audience",
      example = { "Loyal customers" } },
    { name = "time", type = "time", help = "hour of the daily export, UTC", default = "02:00" },
    { name = "first_day", type = "date", help = "day of the first export", example = "2030-01-01" },
    { name = "end_day", type = "date", help = "day after the last export", example = "2030-12-31" },
  },
  run = function(ctx, params)
    return ctx.apply(sluice.destination {
      name = params.name,
      type = "amazon-s3",
      auth = { spec = "Access Key", s3AccessKey = params.access_key, s3SecretKey = params.secret_key },
      target = { mode = "S3", bucketName = params.bucket, path = params.path },
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
