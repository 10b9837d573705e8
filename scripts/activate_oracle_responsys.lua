-- Exports an audience to Oracle Responsys each day, over SFTP
local sluice = require "sluice"

return sluice.recipe {
  name = "activate_oracle_responsys",
  version = "1.0.0",
  summary = "Exports an audience to Oracle Responsys each day, over SFTP",
  params = {
    { name = "name", help = "what the dataflow is called", unique = true, default = "Loyal customers to Responsys" },
    { name = "host", help = "SFTP server", env = "RESPONSYS_SFTP_HOST",
      example = "responsys.example.com" },
    { name = "username", help = "user on that server", env = "RESPONSYS_SFTP_USERNAME", example = "adobe" },
    { name = "password", type = "secret", help = "password of that user", env = "RESPONSYS_SFTP_PASSWORD",
      example = "example-password" },
    { name = "remote_path", help = "folder for the files", example = "/incoming" },
    { name = "audience", type = "list", of = "audience", help = "ID or exact name of an audience",
      example = { "Loyal customers" } },
    { name = "time", type = "time", help = "hour of the daily export, UTC", default = "02:00" },
    { name = "first_day", type = "date", help = "day of the first export", example = "2030-01-01" },
    { name = "end_day", type = "date", help = "day after the last export", example = "2030-12-31" },
  },
  run = function(ctx, params)
    return ctx.apply(sluice.destination {
      name = params.name,
      type = "oracle-responsys",
      auth = {
        spec = "SFTP with Password",
        domain = params.host, host = params.host, username = params.username, password = params.password,
      },
      target = { mode = "FTP", remotePath = params.remote_path },
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
