-- Streams an audience to Azure Event Hubs
local sluice = require "sluice"

return sluice.recipe {
  name = "activate_azure_event_hubs",
  version = "1.0.0",
  summary = "Streams an audience to Azure Event Hubs",
  params = {
    { name = "name", help = "what the dataflow is called", unique = true, default = "Loyal customers to Event Hubs" },
    { name = "namespace", help = "namespace of the event hub", env = "EVENT_HUBS_NAMESPACE", example = "example" },
    { name = "sas_key_name", help = "name of the SAS policy", env = "EVENT_HUBS_SAS_KEY_NAME", example = "adobe" },
    { name = "sas_key", type = "secret", help = "key of the SAS policy", env = "EVENT_HUBS_SAS_KEY",
      example = "example-key" },
    { name = "event_hub", help = "name of the event hub", example = "customers" },
    { name = "audience", type = "list", of = "audience", help = "ID or exact name of an audience",
      example = { "Loyal customers" } },
  },
  run = function(ctx, params)
    return ctx.apply(sluice.destination {
      name = params.name,
      type = "azure-event-hubs",
      auth = { namespace = params.namespace, sasKeyName = params.sas_key_name, sasKey = params.sas_key },
      target = { eventHubName = params.event_hub },
      audiences = ctx.audiences(params.audience),
      attributes = { "person.name.firstName", "person.name.lastName", "personalEmail.address" },
    })
  end,
}
