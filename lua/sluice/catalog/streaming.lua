--- The streaming destinations whose IDs are known. (The HTTP API's IDs and keys are UNKNOWN: it works by its
--- spec document alone.)

local param = require "sluice.catalog.param"

local required, secret = param.required, param.secret

local M = {}

local FLOW_SPEC = { id = "71471eba-b620-49e4-90fd-23f1fa0174d8", source = "STR" }

M.keys = { "amazon-kinesis", "azure-event-hubs" }

M.systems = {
  ["amazon-kinesis"] = {
    title = "Amazon Kinesis", shape = "streaming", source = "STR",
    connection_spec = "86043421-563b-46ec-8e6c-e23184711bf6",
    flow_spec = FLOW_SPEC,
    auth = {
      -- Another version of the page writes `connectionUrl` for `region` (STR): the organisation's spec decides.
      { name = "Aws Kinesis authentication credentials", source = "STR",
        params = { required "accessKeyId", secret "secretKey", required "region" } },
    },
    modes = { { source = "STR", params = { required "stream", required "region" } } },
  },
  ["azure-event-hubs"] = {
    title = "Azure Event Hubs", shape = "streaming", source = "STR",
    connection_spec = "bf9f5905-92b7-48bf-bf20-455bc6b60a4e",
    flow_spec = FLOW_SPEC,
    auth = {
      { name = "Azure EventHub authentication credentials", source = "STR",
        params = { required "sasKeyName", secret "sasKey", required "namespace" } },
    },
    modes = { { source = "STR", params = { required "eventHubName" } } },
  },
}

return M
