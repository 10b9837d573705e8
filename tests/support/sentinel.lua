--- A secret that is easy to find again: its forms, and where they are in texts, files and memory. What looks for it
--- shares nothing with what hides it.

local M = {}

--- Each of the characters that some form of writing changes, and one beyond ASCII.
M.SECRET = 'Sent1nel"&+=/\\<>\'%41é-ZqXj'

local DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64(text)
  local out = {}
  for i = 1, #text, 3 do
    local a, b, c = text:byte(i, i + 2)
    local bits = a << 16 | (b or 0) << 8 | (c or 0)
    for n = 0, 3 do
      local digit = bits >> (18 - 6 * n) & 63
      out[#out + 1] = n <= (c and 3 or b and 2 or 1) and DIGITS:sub(digit + 1, digit + 1) or "="
    end
  end
  return table.concat(out)
end

local function percent(text, unreserved, format)
  return (text:gsub("[^" .. unreserved .. "]", function(c) return format:format(c:byte()) end))
end

local function json(text, beyond)
  text = text:gsub('["\\]', "\\%0")
  if not beyond then return text end
  return (text:gsub(utf8.charpattern, function(c)
    local code = utf8.codepoint(c)
    return code > 127 and ("\\u%04x"):format(code) or nil
  end))
end

--- The forms of the secret in which it must not be anywhere, by name.
---@return table<string, string>
function M.forms()
  local secret, forms = M.SECRET, {}
  forms.raw = secret
  for shift = 0, 2 do
    -- what the secret alone decides: without the group it shares with what is before and behind it
    local whole = base64(("\0"):rep(shift) .. secret):gsub("=+$", "")
    forms["base64 " .. shift] = whole:sub(shift == 0 and 1 or 5, -3)
    forms["base64url " .. shift] = forms["base64 " .. shift]:gsub("%+", "-"):gsub("/", "_")
  end
  forms["percent"] = percent(secret, "%w._~-", "%%%02X")
  forms["percent, lower"] = percent(secret, "%w._~-", "%%%02x")
  forms["percent, some"] = percent(secret, "%w._~/+=&'-", "%%%02X")
  forms["form"] = percent(secret, "%w._*-", "%%%02X")
  forms["json"] = json(secret)
  forms["json, ascii"] = json(secret, true)
  forms["json, slashes"] = (json(secret):gsub("/", "\\/"))
  forms["json in json"] = json(json(secret))
  return forms
end

--- The names of the forms that a text holds. A recognisable part counts as well.
---@param text string
---@return string[]
function M.found(text)
  local names = {}
  for name, form in pairs(M.forms()) do
    if text:find(form, 1, true) then names[#names + 1] = name end
  end
  for _, part in ipairs { "Sent1nel", "ZqXj" } do
    if text:find(part, 1, true) then names[#names + 1] = "the part " .. part end
  end
  table.sort(names)
  return names
end

--- The files below a folder that hold the secret: "name: form, form".
---@param folder string
---@param except? string a file that holds it by right
---@return string[]
function M.files(folder, except)
  local found = {}
  local pipe <close> = assert(io.popen(("find '%s' -type f"):format(folder)))
  for path in pipe:lines() do
    local file <close> = assert(io.open(path, "rb"))
    local names = M.found(file:read "a")
    if #names > 0 and path ~= except then found[#found + 1] = path .. ": " .. table.concat(names, ", ") end
  end
  return found
end

local LARGEST = 1 << 28 -- bytes of a mapping; what is larger is a sanitizer's

--- How often a text is in the memory of a process, leaving out what was read from files.
---@param pid string
---@param text string
---@return integer|nil count nil when the memory must not be read
---@return string|nil reason
function M.in_memory(pid, text)
  local memory, reason = io.open(("/proc/%s/mem"):format(pid), "rb")
  if not memory then return nil, reason end
  local count = 0
  for line in io.lines(("/proc/%s/maps"):format(pid)) do
    local from, to = line:match "^(%x+)%-(%x+) rw"
    from, to = tonumber(from or "0", 16), tonumber(to or "0", 16)
    if to > from and to - from <= LARGEST and memory:seek("set", from) then
      count = count + select(2, (memory:read(to - from) or ""):gsub(text:gsub("%p", "%%%0"), ""))
    end
  end
  memory:close()
  return count
end

return M
