-- Streams an audience to Amazon Kinesis
local sluice = require "sluice"

return sluice.recipe {
  name = "activate_amazon_kinesis",
  version = "1.0.0",
  summary = "Streams an audience to Amazon Kinesis",
  permissions = { environment = { "KINESIS_ACCESS_KEY" } }, -- the name of a key, no secret
  params = {
    { name = "name", help = "what the dataflow is called", unique = true, default = "Loyal customers to Kinesis" },
    { name = "access_key", help = "AWS access key ID", env = "KINESIS_ACCESS_KEY", example = "AKIAEXAMPLEABCDEFG23" },
    { name = "secret_key", type = "secret", help = "AWS secret access key", env = "KINESIS_SECRET_KEY",
      example = "EXAMPLEKEYEXAMPLEKEYEXAMPLEKEYEXAMPLEKEY" },
    { name = "region", help = "AWS region of the stream", example = "eu-central-1" },
    { name = "stream", help = "name of the stream", example = "customers" },
    { name = "audience", type = "list", of = "audience", help = "ID or exact name of an audience",
      example = { "Loyal customers" } },
  },
  run = function(ctx, params)
    return ctx.apply(sluice.destination {
      name = params.name,
      type = "amazon-kinesis",
      auth = { accessKeyId = params.access_key, secretKey = params.secret_key, region = params.region },
      target = { stream = params.stream, region = params.region },
      audiences = ctx.audiences(params.audience),
      attributes = { "person.name.firstName", "person.name.lastName", "personalEmail.address" },
    })
  end,
}
