--- `sluice catalog`: the list, one destination, and examples that run as they are printed.

local catalog = require "sluice.catalog"
local core = require "sluice.core"
local program = require "support.program"

local run = program.run

local function output(words)
  local result = run(words)
  assert.are.equal(0, result.code, result.err)
  assert.are.equal("", result.err)
  return result.out
end

local function refused(words, ...)
  local result = run(words)
  assert.are.equal(2, result.code, result.err)
  assert.are.equal("", result.out)
  assert.is_truthy(result.err:find "^sluice: [^\n]+\n$", result.err)
  for _, text in ipairs { ... } do assert.is_truthy(result.err:find(text, 1, true), result.err) end
end

--- Every example there is: key, kind.
local function each_example(visit)
  for _, key in ipairs(catalog.keys) do
    visit(key, "audiences")
    if catalog.systems[key].dataset_flow_spec then visit(key, "datasets") end
  end
end

describe("sluice catalog", function()
  teardown(program.clean)

  it("lists every destination, a line each", function()
    local page = output { "catalog" }
    local keys = {}
    for line in page:gmatch "[^\n]+" do keys[#keys + 1] = line:match "^%S+" end
    assert.are.equal("NAME", table.remove(keys, 1))
    assert.are.same(catalog.keys, keys)
    assert.is_truthy(page:find "data%-landing%-zone +Data Landing Zone +audiences, datasets +none\n")
    assert.is_truthy(page:find "amazon%-s3 +Amazon S3 %(replaced%) +audiences +Access Key\n")
  end)

  it("shows each fact of a destination with its source", function()
    local page = output { "catalog", "sftp-v2" }
    for _, line in ipairs {
      "  connection spec       36965a81-b1c6-401b-99f8-22508f1e6a26  [D,EXP]",
      "  flow spec, audiences  fd36aaa4-bf2b-43fb-9387-43785eeeb799  [D,ACT]",
      "  flow spec, datasets   354d6aad-4754-46e4-a576-1b384561c440  [D,EXP]",
      'auth, spec = "SFTP with Password"  [ACT,MIG]',
      "  password  required; secret  [ACT,MIG]",
      "  port      optional; an integer  [MIG]",
      'target, mode = "Server-to-server"  [D,EXP]',
      '  fileType         required; for audiences; "CSV", "JSON" or "PARQUET"  [D,EXP]',
      '  csvOptions       optional; for audiences; with fileType "CSV"  [D]',
      [[    delimiter   optional; ",", "\t", "|", ";" or ":"; left out: ","  [D] ]],
    } do
      assert.is_truthy(page:find("\n" .. line:gsub(" $", "") .. "\n", 1, true), line .. "\n" .. page)
    end
    assert.is_truthy(page:find("MIG guide for the move", 1, true))
    assert.is_nil(page:find("STR guide", 1, true))
  end)

  it("describes every source it names", function()
    for _, key in ipairs(catalog.keys) do
      local page = output { "catalog", key }
      local legend = page:match "\nsources: ([^\n]+)"
      for tags in page:gmatch "%[(%u[%u,]*)%]\n" do
        for tag in tags:gmatch "[^,]+" do assert.is_truthy(("; " .. legend):find("; " .. tag .. " ", 1, true), tag) end
      end
    end
  end)

  it("takes a title or the ID of a connection spec as well", function()
    local page = output { "catalog", "adobe-campaign" }
    assert.are.equal(page, output { "catalog", "Adobe Campaign" })
    assert.are.equal(page, output { "catalog", "0b23e41a-cb4a-4321-a78f-3b654f5d7d97" })
  end)

  it("ends the page with the example alone", function()
    each_example(function(key, kind)
      local words = { "catalog", key, kind == "datasets" and "--datasets" or nil }
      local page = output(words)
      table.insert(words, "--lua")
      assert.are.equal(output(words), page:sub(-#output(words)), key)
    end)
  end)

  it("gives one JSON document", function()
    local all = core.json.decode(output { "catalog", "--json" })
    assert.are.equal(#catalog.keys, #all)
    for i, key in ipairs(catalog.keys) do
      assert.are.equal(key, all[i].name)
      assert.is_true(core.json.is_array(all[i].auth), key)
    end
    local one = core.json.decode(output { "catalog", "data-landing-zone", "--json" })
    assert.are.same({ "v2", "7e635b9f-e59b-4546-8ba8-fce6496693c8", "cd2fc47e-e838-4f38-a581-8fff2f99b63a" },
      { one.shape, one.flow_spec.id, one.dataset_flow_spec.id })
    assert.are.equal(output { "catalog", "data-landing-zone", "--lua" }, one.example)
  end)

  it("refuses what it does not know", function()
    refused({ "catalog", "amazon-s4" }, "the catalog has no 'amazon-s4'", 'did you mean "amazon-s3"?')
    refused({ "catalog", "Amazon S3" }, 'several destinations are called', '"amazon-s3" or "amazon-s3-v2"')
    refused({ "catalog", "--lua" }, "go with a NAME")
    refused({ "catalog", "sftp", "--datasets" }, "--datasets: sftp takes no datasets")
    refused({ "catalog", "--jsn" }, "did you mean '--json'")
  end)
end)

describe("an example of the catalog", function()
  teardown(program.clean)

  each_example(function(key, kind)
    it(("sets %s up for %s"):format(key, kind), function()
      local text = output { "catalog", key, "--lua", kind == "datasets" and "--datasets" or nil }
      local file = program.write(program.folder(), "example.lua", text)
      local result = run { "run", "--emulate", "--json", file }
      assert.are.equal(0, result.code, result.err)
      local document = core.json.decode(result.out)
      assert.are.equal(catalog.systems[key].replaced_by and 1 or 0, #document.warnings, result.out)
      assert.are.equal(key, document.type)
      assert.is_truthy(document.flow.id)
    end)
  end)
end)
