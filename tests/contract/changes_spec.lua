--- Every change of a live dataflow, its account and its target connection, over the official contract.

local live = require "spec.support.live"
local proxy = require "contract.proxy"
local sluice = require "sluice"

local HOURS = sluice.schedule.datasets.every_hours
local MARKETING = "/dulepolicy/marketingActions/custom/a/constraints"
local ORDERS, RETURNS = { id = ("a"):rep(24), name = "Orders" }, { id = ("b"):rep(24), name = "Returns" }

local LATER = sluice.schedule.daily { at = "04:00", from = "2030-02-01", to = "2030-12-31" }
local TODAY = sluice.schedule.once { at = "00:00", on = os.date "!%Y-%m-%d", past = true }

--- What is done to a dataflow, in this order.
local ANY = {
  { "rename", "New name" }, { "describe", "What it is for" }, { "set_marketing_actions", { MARKETING } },
  { "disable" }, { "enable" },
}
local AUDIENCES = {
  { "add_audiences", { live.audience(3), live.audience(4) } }, { "remove_audiences", { live.id(4) } },
  { "replace_audiences", { live.audience(1, { schedule = LATER }) } }, { "reschedule", LATER },
  { "rename_files", "%DESTINATION_NAME%_%SEGMENT_ID%_%TIMESTAMP%" }, { "reschedule", TODAY },
  { "export_now", { live.id(1) } },
}
local ATTRIBUTES = {
  { "add_attributes", { "person.name.lastName", "mobilePhone.number" } },
  { "remove_attributes", { "mobilePhone.number" } },
  { "replace_attributes", { { path = "person.name.lastName", mandatory = true } } },
  { "set_attributes", { "person.name.lastName", { identity = "Email" } } },
}

-- A destination of each shape, what else is done to it, new credentials, and where it moves to.
local SHAPES = {
  { shape = "legacy", definition = {}, AUDIENCES, ATTRIBUTES,
    auth = { domain = "d", host = "h", username = "u", password = "second" }, move = { remotePath = "/other" } },
  { shape = "v2", definition = { type = "sftp-v2", auth = { domain = "d", username = "u", password = "p" },
      target = { remotePath = "/in", compression = "GZIP", fileType = "CSV" },
      attributes = { "person.name.firstName", { identity = "Email" } } },
    AUDIENCES, ATTRIBUTES, auth = { domain = "d", username = "u", password = "second" },
    move = { remotePath = "/other" } },
  { shape = "streaming", definition = { type = "amazon-kinesis", attributes = { "person.name.firstName" },
      auth = { accessKeyId = "a", secretKey = "s", region = "eu-west-1" },
      target = { stream = "s", region = "eu-west-1" }, audiences = { { id = live.id(1), name = "Audience 1" } } },
    { { "add_audiences", { { id = live.id(2), name = "Audience 2" } } }, { "remove_audiences", { live.id(2) } },
      { "add_attributes", { "person.name.lastName" } } },
    auth = { accessKeyId = "a", secretKey = "second", region = "eu-west-1" }, move = { stream = "t" } },
  { shape = "datasets", definition = { type = "sftp-v2", auth = { domain = "d", username = "u", password = "p" },
      target = { remotePath = "/in", compression = "GZIP", datasetFileType = "JSON" }, audiences = false,
      attributes = false, datasets = { ORDERS }, schedule = HOURS(6) { from = "2030-01-01", to = "2031-01-01" } },
    { { "set_dataset_schedule", HOURS(12) { from = "2030-02-01", to = "2031-01-01" } },
      { "set_datasets", { ORDERS, RETURNS } } },
    auth = { domain = "d", username = "u", password = "second" }, move = { remotePath = "/other" } },
}

--- Does it, and sees it done.
local function change(flow, steps)
  for _, step in ipairs(steps) do
    local result = flow[step[1]](flow, step[2])
    assert.is_true(step[1] == "export_now" or result.changed > 0, step[1])
  end
end

describe("over the official contract", function()
  for _, case in ipairs(SHAPES) do
    it("go all changes of a live dataflow: " .. case.shape, function()
      local way <close> = proxy.open()
      local made = sluice.destination(live.definition(case.definition)):apply(way.aep).ids
      local flow = sluice.dataflow(way.aep, made.flow, { pause = 0 })
      for _, steps in ipairs { ANY, table.unpack(case) } do change(flow, steps) end
      assert.is_true(sluice.account(way.aep, made.base_connection):rotate_credentials(case.auth).changed > 0)
      assert.is_true(sluice.target(way.aep, made.target_connection):move(case.move).changed > 0)
      local alarms, statuses = way:checked()
      assert.equal("", alarms)
      assert.equal(case.shape == "legacy" or case.shape == "v2",
        statuses["POST /data/core/activation/disflowprovider/adhocrun"] ~= nil)
    end)
  end
end)
