--- Examples of what help explains, by class and method, or as a script names a function. Each runs as it stands: the
--- tests type them in this order at a prompt on the emulator.

local list = {
  { "sluice.connect", [[aep = sluice.connect { sandbox = "prod" }]] },
  { "sluice.Client:request", [[aep:request { path = "/data/foundation/sandbox-management/" }]] },

  { "sluice.schedule.daily", [[
daily = sluice.schedule.daily { at = "02:00", from = "2040-01-01", to = "2040-12-31" }]] },
  { "sluice.schedule.every_hours", [[
sluice.schedule.every_hours(6) { at = "00:00", from = "2040-01-01", to = "2040-12-31" }]] },
  { "sluice.schedule.once", [[sluice.schedule.once { at = "17:00", on = "2040-01-01" }]] },
  { "sluice.destination", [[
d = sluice.destination {
  name = "Loyal customers to SFTP", type = "adobe-campaign",
  auth = { domain = "example.com", host = "sftp.example.com", username = "me",
    password = sluice.secret.new("SFTP_PASSWORD", "correct horse") },
  target = { remotePath = "/in" },
  audiences = { { name = "Abandoned carts", schedule = daily,
    filename =
      "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%" } },
  attributes = { "person.name.firstName", { path = "personalEmail.address", mandatory = true } },
}]] },
  { "sluice.destination:validate", [[for _, finding in ipairs(d:validate(aep)) do print(finding.message) end]] },
  { "sluice.destination:preview", [[print(d:preview { exports = 2 })]] },
  { "sluice.destination:apply", [[result = d:apply(aep)]] },

  { "sluice.Resource:list", [[aep.flows:list { orderby = "name" }]] },
  { "sluice.Resource:each", [[for spec in aep.connection_specs:each() do print(spec.id, spec.name) end]] },
  { "sluice.Resource:page", [[items, next_page = aep.flows:page { limit = 10 }]] },
  { "sluice.Resource:find", [[found = aep.flows:find { name = "Loyal customers to SFTP" }]] },
  { "sluice.Resource:get", [[aep.flows:get(found.id)]] },
  { "sluice.Resource:update", [[
aep.flows:update(found.id, sluice.patch():add("/description", "for the newsletter"))]] },
  { "sluice.Resource:disable", [[aep.flows:disable(found.id)]] },
  { "sluice.Resource:enable", [[aep.flows:enable(found.id)]] },
  { "sluice.Listing:list", [[aep.audiences:list { name = "loyal" }]] },
  { "sluice.Listing:find", [[aep.audiences:find { name = "Abandoned carts" }]] },

  { "sluice.dataflow", [[flow = sluice.dataflow(aep, "Loyal customers to SFTP")]] },
  { "sluice.dataflow:add_audiences", [[
flow:add_audiences { { name = "High value", schedule = daily,
  filename =
    "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%" } }]] },
  { "sluice.dataflow:reschedule", [[
flow:reschedule(sluice.schedule.daily { at = "05:00", from = "2040-01-01", to = "2040-12-31" })]] },
  { "sluice.dataflow:remove_audiences", [[flow:remove_audiences { "High value" }]] },
  { "sluice.dataflow:add_attributes", [[flow:add_attributes { "person.name.lastName" }]] },
  { "sluice.dataflow:rename", [[flow:rename "Loyal customers, every day"]] },
  { "sluice.dataflow:disable", [[flow:disable()]] },
  { "sluice.dataflow:enable", [[flow:enable()]] },
  { "sluice.account", [[account = sluice.account(aep, result.ids.base_connection)]] },
  { "sluice.account:rotate_credentials", [[
account:rotate_credentials { password = sluice.secret.new("NEW_PASSWORD", "battery staple") }]] },
  { "sluice.target", [[target = sluice.target(aep, result.ids.target_connection)]] },
  { "sluice.target:move", [[target:move { remotePath = "/in/2040" }]] },

  { "sluice.all", [[
flows, specs = sluice.all {
  function() return aep.flows:list() end,
  function() return aep.connection_specs:list() end,
}]] },
  { "sluice.map", [[
ids = sluice.map({ "a", "b" }, function(name) return name .. "!" end, { concurrency = 2 })]] },
  { "sluice.try", [[item, problem = sluice.try(aep.flows.get, aep.flows, "no ID")]] },
  { "sluice.patch.new", [[p = sluice.patch():add("/list/-", 3):test("/name", "x")]] },
  { "sluice.Patch:apply", [[p:apply { name = "x", list = { 1, 2 } }]] },
  { "sluice.patch.diff", [[sluice.patch.diff({ a = 1 }, { a = 2 })]] },
  { "sluice.json.decode", [[sluice.json.decode '{ "list": [], "n": 1 }']] },
  { "sluice.json.encode", [[sluice.json.encode({ list = sluice.json.array {} }, { indent = 2 })]] },
  { "sluice.pointer.get", [[sluice.pointer.get({ a = { "x", "y" } }, "/a/1")]] },
  { "sluice.secret.env", [[secret = sluice.secret.env "HOME"]] },
  { "sluice.secret.new", [[sluice.secret.new("PASSWORD", "correct horse")]] },
}

local M = { list = list, of = {} }
for _, row in ipairs(list) do M.of[row[1]] = row[2] end

return M
