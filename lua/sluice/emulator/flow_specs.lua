--- The flow specs of the emulator. Ids are those of T, D and EXP; `upsToCampaign` is the one name T gives,
-- and its id is deliberately made from the seed: clients are told to look it up. All other names and
-- attributes are invented in the style `upsTo…` (T).
local json = require("sluice.core").json
local connection_specs = require "sluice.emulator.connection_specs"

local M = {}

local PROVIDER = "14e34fac-d307-11e9-bb65-2a2ae2dbcce4"

-- { name, id or nil for one made from the seed, target connection specs }
local AUDIENCES = {
  { "upsToCampaign", nil, { "0b23e41a-cb4a-4321-a78f-3b654f5d7d97" } },
  { "upsToFilesAndStreams", "71471eba-b620-49e4-90fd-23f1fa0174d8", {
    "c1e44b6b-e7c8-404b-9031-58f0ef760604", "4890fc95-5a1f-4983-94bb-e060c08e3f81",
    "e258278b-a4cf-43ac-b158-4fa0ca0d948b", "64ef4b8b-a6e0-41b5-9677-3805d1ee5dd0",
    "86043421-563b-46ec-8e6c-e23184711bf6", "bf9f5905-92b7-48bf-bf20-455bc6b60a4e" } },
  { "upsToResponsys", "51d675ce-e270-408d-91fc-22717bdf2148", { "a5e28ddf-e265-426e-83a1-9d03a3a6822b" } },
  { "upsToMarketingCloud", "493b2bd6-26e4-4167-ab3b-5e910bba44f0",
    { "f599a5b3-60a7-4951-950a-cc4115c7ea27" } },
  { "upsToS3", "1a0514a6-33d4-4c7f-aff8-594799c47549", { "4fce964d-3f37-408f-9778-e597338a21ee" } },
  { "upsToBlob", "752d422f-b16f-4f0d-b1c6-26e448e3b388", { "6d6b59bf-fb58-4107-9064-4d246c0e5bb2" } },
  { "upsToSftp", "fd36aaa4-bf2b-43fb-9387-43785eeeb799", { "36965a81-b1c6-401b-99f8-22508f1e6a26" } },
  { "upsToAdlsGen2", "db060570-a155-418a-a6d3-b4d97698e5dc", { "be2c3209-53bc-47e7-ab25-145db8b873e1" } },
  { "upsToLandingZone", "7e635b9f-e59b-4546-8ba8-fce6496693c8", { "10440537-2a7b-4583-ac39-ed38d4b848e8" } },
  { "upsToGoogleCloudStorage", "976d663b-80b4-4193-be6b-2d0487516623",
    { "c5d93acb-ea8b-4b14-8f53-02138444ae99" } },
}

local DATASETS = {
  { "datasetsToS3", "269ba276-16fc-47db-92b0-c1049a3c131f", { "4fce964d-3f37-408f-9778-e597338a21ee" } },
  { "datasetsToBlob", "95bd8965-fc8a-4119-b9c3-944c2c2df6d2", { "6d6b59bf-fb58-4107-9064-4d246c0e5bb2" } },
  { "datasetsToSftp", "354d6aad-4754-46e4-a576-1b384561c440", { "36965a81-b1c6-401b-99f8-22508f1e6a26" } },
  { "datasetsToAdlsGen2", "17be2013-2549-41ce-96e7-a70363bec293",
    { "be2c3209-53bc-47e7-ab25-145db8b873e1" } },
  { "datasetsToLandingZone", "cd2fc47e-e838-4f38-a581-8fff2f99b63a",
    { "10440537-2a7b-4583-ac39-ed38d4b848e8" } },
  { "datasetsToGoogleCloudStorage", "585c15c4-6cbf-4126-8f87-e26bff78b657",
    { "c5d93acb-ea8b-4b14-8f53-02138444ae99" } },
}

local function document(row, source, attributes, ids)
  local name, id, targets = row[1], row[2], row[3]
  return { id = id or ids:uuid("flow spec " .. name), name = name, version = "1.0", providerId = PROVIDER,
    sourceConnectionSpecIds = json.array { source },
    targetConnectionSpecIds = json.array { table.unpack(targets) }, attributes = attributes }
end

--- Builds all flow specs.
---@param ids table source of ids
---@param options table resolved options; `workflow` shows in the documents
---@return table[] documents
function M.build(ids, options)
  local list = {}
  for _, row in ipairs(AUDIENCES) do
    list[#list + 1] = document(row, connection_specs.PROFILE_STORE,
      { isDestinationFlow = true, isSourceFlow = false, frequency = "batch" }, ids)
  end
  for _, row in ipairs(DATASETS) do
    list[#list + 1] = document(row, connection_specs.DATA_LAKE,
      { isDestinationFlow = true, isSourceFlow = false, frequency = "batch",
        _workflow = options.workflow == "text" and "DATASETS" or json.array { "DATASETS" } }, ids)
  end
  return list
end

return M
