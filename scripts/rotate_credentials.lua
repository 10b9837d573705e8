-- Puts a new password, key or connection string into an account at a destination
local sluice = require "sluice"

return sluice.recipe {
  name = "rotate_credentials",
  version = "1.0.0",
  summary = "Puts a new password, key or connection string into an account at a destination",
  params = {
    { name = "account", help = "ID or exact name of the base connection",
      example = "Loyal customers to Campaign - account" },
    { name = "secret", type = "secret", help = "new password, secret key, private key or connection string",
      env = "NEW_CREDENTIAL", example = "another-example-password" },
    { name = "identity", help = "new user name or key ID, where it changes too", default = "unchanged" },
  },
  run = function(ctx, params)
    ctx.example_dataflow((params.account:gsub(" %- account$", "")))
    local account = sluice.account(ctx.aep, params.account)
    local kind = account:kind()
    local auth = { [kind.secret] = params.secret }
    if params.identity ~= "unchanged" then
      if not kind.identity then
        sluice.error.raise("usage", ("--identity: %s have no user name or key ID of their own"):format(kind.spec))
      end
      auth[kind.identity] = params.identity
    end
    return account:rotate_credentials(auth)
  end,
}
