--- A Flow Service and identity service of one's own, on loopback: stateful, strict, deterministic with a
-- seed. It shares no code with the client but JSON and JSON Patch, so that the one can test the other.
--
--   options     the switches: what the sources disagree about (and what the source tags in these files mean)
--   routes      every address            gateway     token, key, organization, sandbox, content type
--   request     query and body           ims         tokens
--   resource    create, get, list, patch, delete: what connections, source_connections, target_connections,
--               flows and runs share
--   filter, paging    lists              selectors, schedule, params    what a body must hold
--   specs, connection_specs, flow_specs  documents
--   spec_parts, storage_specs, patterns  what the documents of connection specs are made of
--   adhoc, audiences, audience_examples, export_jobs, sandboxes, access, marketing_actions, landing_zone,
--   data_prep, profile_schemas, union_schema       neighbours of the Flow Service
--   clock, jobs, timetable, calendar     virtual time, and what happens when it passes
--   volume, exporter, places, columns, people, formats    what is in an export, and its files
--   fault_rule, faults, wire    what goes wrong on purpose           journal  what was asked
--   errors, ids, store
local core = require "sluice.core"
local clock = require "sluice.emulator.clock"
local connection_specs = require "sluice.emulator.connection_specs"
local errors = require "sluice.emulator.errors"
local faults = require "sluice.emulator.faults"
local flow_specs = require "sluice.emulator.flow_specs"
local gateway = require "sluice.emulator.gateway"
local ids = require "sluice.emulator.ids"
local ims = require "sluice.emulator.ims"
local journal = require "sluice.emulator.journal"
local options = require "sluice.emulator.options"
local paging = require "sluice.emulator.paging"
local request = require "sluice.emulator.request"
local routes = require "sluice.emulator.routes"
local runs = require "sluice.emulator.runs"
local store = require "sluice.emulator.store"
local wire = require "sluice.emulator.wire"

local json = core.json

local M = {}

local MAX_ENTITIES = 100000

---@class sluice.emulator.Request what a handler sees
---@field emulator table
---@field options table resolved options
---@field ids table source of ids
---@field now integer milliseconds, by the virtual clock when there is one
---@field wall integer milliseconds, by the machine's clock: tokens are a matter of the client's time
---@field headers table<string, string> lower-case names
---@field body string
---@field query_text? string raw query
---@field query? table parsed query
---@field id? string from the path
---@field scope? sluice.emulator.Scope entities of the organization and sandbox
---@field client_id? string
---@field plan? sluice.emulator.Plan what goes wrong with it

local Emulator = {}
Emulator.__index = Emulator

local function find_route(incoming, call)
  request.check_text(incoming.path)
  local route, found = call.route, call.found
  if route then return route, found and request.unescape(found) end
  if found ~= "" then
    errors.problem(405, "Method Not Allowed", ("%s answers to %s"):format(incoming.path, found))
  end
  errors.problem(404, "Not Found", ("nothing is served at %s"):format(incoming.path))
end

local function answer(self, incoming, call)
  local rq = { emulator = self, options = self.options, ids = self.ids, now = self.now(), wall = self.wall(),
    headers = incoming.headers or {}, body = incoming.body or "", query_text = incoming.query, plan = call.plan }
  request.check { headers = rq.headers, query = rq.query_text, body = rq.body }
  local open = incoming.path:match("^/ims/") or incoming.path:match("^/_emulator/")
  local org
  if not open then org, rq.client_id = gateway.identify(rq) end
  local route, id = find_route(incoming, call)
  if not open then
    rq.scope = self.store:scope(org, route.orgwide and "prod" or gateway.sandbox(rq))
    gateway.check_content_type(rq)
    rq.id, rq.query = id, request.query(incoming.query, route.query)
  end
  local status, body, headers = route.handler(rq)
  if call.entry and status == 201 then call.entry.id = body.id end
  return status, body and json.encode(body), headers
end

local function on_error(err)
  if errors.is(err) then return err end
  if core.error.is(err, "io") then -- an export whose file cannot be written
    return { status = 507, body = { type = "/placeholder/type/uri", title = "Insufficient Storage", status = 507,
      detail = err.message } }
  end
  return { status = 500, trace = debug.traceback(tostring(err), 2), body = {
    type = "https://ns.adobe.com/aep/errors/FLOW-1400-500", title = "Internal error", status = 500,
    detail = "the emulator failed; its standard error says where", error_code = "1400-500" } }
end

---@class sluice.emulator.Received a request: where it goes, what goes wrong with it, where it is noted
---@field route? sluice.emulator.Route
---@field found string|nil
---@field plan? sluice.emulator.Plan
---@field entry? sluice.emulator.Call

--- Who asks, as far as the request says so.
local function client_of(incoming, operation)
  if operation ~= "token" then return incoming.headers and incoming.headers["x-api-key"] end
  local found = ((incoming.body or "") .. "&" .. (incoming.query or "")):match "%f[%w_]client_id=([^&]*)"
  return found and found:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
end

--- Takes note of a request, once. Calls of the emulator's own addresses are not noted, and nothing goes wrong with
--- them.
---@return sluice.emulator.Received
local function receive(self, incoming)
  local call = self.received[incoming]
  if call then return call end
  call = {}
  self.received[incoming] = call
  call.route, call.found = routes.find(incoming.method, incoming.path)
  if incoming.path:find "^/_emulator/" then return call end
  local operation = call.route and call.route.name
  local client = client_of(incoming, operation)
  call.entry = self.journal:begin(incoming, operation, client)
  call.plan = (self.client_faults[client] or self.faults):plan(operation)
  call.entry.fault = call.plan and table.concat(call.plan.rules, " ")
  return call
end

--- Answers one request, without any network: of the faults those that befall the service happen, not those that befall
--- the answer.
---@param incoming table method, path, query (raw, may be nil), headers (lower-case names), body
---@return integer status
---@return table<string, string> headers
---@return string body
--- Raises nothing: what a handler refuses becomes its answer, a defect becomes 500 and a trace in the log.
function Emulator:handle(incoming)
  local call = receive(self, incoming)
  local ok, status, body, headers = xpcall(answer, on_error, self, incoming, call)
  if not ok then
    local failure = status
    if failure.trace then self.log(failure.trace) end
    status, body = failure.status, json.encode(failure.body)
  end
  local sent = { ["x-request-id"] = self.ids:uuid(self.ids:next "request") } -- a custom of services, no fact
  if self.clock then sent.Date = wire.date(self.now() // 1000) end -- else the listener tells the machine's time
  for name, value in pairs(ok and headers or {}) do sent[name] = value end
  if body then sent["Content-Type"] = "application/json" end
  if call.entry then call.entry.status = status end
  return status, sent, body or ""
end

--- Counts the entities it holds, over all organizations and sandboxes.
---@return table<string, integer> counts connections, sourceConnections, targetConnections, flows, runs
function Emulator:counts()
  return self.store:counts()
end

--- Makes a run of an audience of a flow, as a scheduled export would leave it.
---@param flow_id string
---@param audience string id
---@param status? "success"|"failed" default success
---@param place? { org: string, sandbox?: string } where the flow is; without it every store is searched
---@return table? run nil when there is no such flow
function Emulator:add_run(flow_id, audience, status, place)
  for _, scope in pairs(self.store.scopes) do
    local here = not place or (scope.org == place.org and scope.sandbox == (place.sandbox or "prod"))
    if here and scope:find("flows", flow_id) then
      local rq = { emulator = self, options = self.options, ids = self.ids, now = self.now(), scope = scope,
        client_id = "aep_activation_batch" }
      return runs.add(rq, flow_id, audience, status or "success")
    end
  end
end

--- Moves the virtual clock to a time; scheduled exports happen on the way.
---@param to integer milliseconds since 1970
---@return sluice.emulator.Made[] made the exports that ended on the way, in order
--- Raises kind "usage" without a clock (option `clock`) or for a time that is past, kind "io" when a file
--- cannot be written, kind "limit" when the emulator is full; the clock then stands where it happened.
function Emulator:advance_to(to)
  if not self.clock then core.error.raise("usage", "the emulator has no clock; make it with the option 'clock'") end
  return self.clock:advance_to(to)
end

--- Moves the virtual clock on, as `advance_to` does.
---@param seconds integer
---@return sluice.emulator.Made[] made
function Emulator:advance(seconds)
  return self:advance_to(self.now() + seconds * 1000)
end

--- Lets other things go wrong from now on. The rules begin to count anew.
---@param rules string[]|nil as in the option `faults`; empty: nothing
---@param client? string ID of a client that has rules of its own, in place of those for everybody; with nil for rules
--- it has them no longer
--- Raises kind "usage" for a rule that means nothing.
function Emulator:set_faults(rules, client)
  local made = rules and faults.new(rules, routes.operations, self.ids)
  if client then self.client_faults[client] = made else self.faults = made end
end

local function index_by_id(list, value_of)
  local index = {}
  for _, entry in ipairs(list) do index[value_of(entry).id] = entry end
  return index
end

local function load_documents(self)
  local connection_list, flow_list = connection_specs.build(self.options), flow_specs.build(self.ids, self.options)
  local documents = json.array {}
  for i, spec in ipairs(connection_list) do documents[i] = spec.document end
  self.connection_specs = index_by_id(connection_list, function(spec) return spec.document end)
  self.flow_specs = index_by_id(flow_list, function(spec) return spec end)
  self.documents = { connectionSpecs = documents, flowSpecs = json.array(flow_list) }
end

local function load_sandboxes(self)
  self.sandboxes, self.sandbox_names = {}, {}
  for name in self.options.sandboxes:gmatch("[^,%s]+") do
    if not self.sandboxes[name] then table.insert(self.sandbox_names, name) end
    self.sandboxes[name] = true
  end
end

local CLOCKED = { "exports", "fail_runs" } -- options that mean something with a clock only

local function start_clock(self)
  self.now = self.wall
  if self.options.clock then
    self.clock = clock.new(self)
    self.now = function() return self.clock.now end
    return
  end
  for _, name in ipairs(CLOCKED) do
    if self.options[name] and self.options[name] ~= 0 then
      core.error.raise("usage", ("emulator option '%s' needs the option 'clock'"):format(name))
    end
  end
end

--- Makes an emulator.
---@param given? table the options of `sluice.emulator.options`, and two functions: `now` gives milliseconds
--- since 1970 (default the system's clock; the option `clock` goes before it), `log` takes the trace of a
--- defect (default standard error)
---@return table emulator
--- Raises kind "usage" for an unknown option or a bad value, kind "io" when exports cannot be written.
function M.new(given)
  local rest = {}
  for k, v in pairs(given or {}) do rest[k] = v end
  local now, log = rest.now, rest.log
  rest.now, rest.log = nil, nil
  local self = setmetatable({
    options = options.resolve(rest),
    wall = now or function() return os.time() * 1000 end,
    log = log or function(trace) io.stderr:write(trace, "\n") end,
  }, Emulator)
  self.ids = ids.new(self.options.seed)
  self.store = store.new(self.ids, MAX_ENTITIES)
  self.tokens = ims.tokens(self.ids)
  self.cursors = paging.cursors(self.ids)
  self.received = setmetatable({}, { __mode = "k" })
  self.journal = journal.new(self.options.journal, self.log)
  self.client_faults = {}
  self:set_faults(self.options.faults or {})
  load_documents(self)
  load_sandboxes(self)
  start_clock(self)
  return self
end

local function sleep(seconds)
  if seconds > 0 then core.task.sleep(seconds) end
end

-- One call with all that is to happen to it on its way.
local function serve_one(self, exchange)
  local call, half, made = receive(self, exchange), self.options.latency / 2, nil
  local plan = call.plan or { delay_before = 0, delay_after = 0 }
  sleep(half + plan.delay_before)
  if not (plan.answer and plan.answer.time == "before") then
    local status, headers, body = self:handle(exchange)
    made = { status = status, headers = headers, body = body }
  end
  sleep(half + plan.delay_after)
  wire.send(exchange, made, plan.answer)
  if call.entry then self.journal:finish(call.entry) end
end

local function begin(self, exchange)
  local waits = receive(self, exchange).plan or self.options.latency > 0
  if waits then core.task.spawn(serve_one, self, exchange) else serve_one(self, exchange) end
end

local function is_interruption(failure)
  return core.error.is(failure, "interrupted") and failure.message == "interrupted" -- neither cancelled nor at the end
end

--- An interruption ends what is being answered, not the service: at a prompt the program goes on.
local function answer_one(self, exchange)
  local ok, failure = pcall(begin, self, exchange)
  if ok then return end
  exchange:drop()
  if not is_interruption(failure) then error(failure, 0) end
end

local function serve(self, listener)
  for exchange in function() return listener:accept() end do answer_one(self, exchange) end
end

--- An interruption may come between two answers, too.
local function serve_on(self, listener)
  local ok, failure
  repeat
    ok, failure = pcall(serve, self, listener)
    if not ok then collectgarbage() end -- drops a call that was accepted, and lost on its way to its answer
  until ok or not is_interruption(failure)
  if not ok then error(failure, 0) end
end

--- Starts an emulator on a loopback port. It answers while tasks run: during any call that waits.
---@param given? table as for `new`, and `port` (default 0: a free one)
---@return { url: string, port: integer, emulator: table, task: table, stop: fun() } server
--- Raises what the listener raises when the port is taken.
function M.start(given)
  local rest = {}
  for k, v in pairs(given or {}) do rest[k] = v end
  local port = rest.port or 0
  rest.port = nil
  local self = M.new(rest)
  local listener = core.listener.new { port = port }
  return { url = "http://127.0.0.1:" .. listener.port, port = listener.port, emulator = self,
    task = core.task.spawn(serve_on, self, listener), stop = function() listener:close() end }
end

return M
