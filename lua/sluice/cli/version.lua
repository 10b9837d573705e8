--- `sluice version`

local M = {
  name = "version",
  summary = "print the version of Sluice and of its Lua",
  options = {},
  example = "sluice version",
}

---@param words string[]
function M.run(words)
  if #words > 0 and not require("sluice.cli.command").read(M, words) then return 0 end
  print(("sluice %s (%s)"):format(require("sluice.core").version, _VERSION))
end

return M
