---@meta sluice.core

--- The C module behind `require "sluice"`: HTTP and tokens, the Flow Service, JSON and JSON Patch, tasks. Every call
--- that waits yields inside a task and drives the loop itself outside one. Failures raise error objects; wrong
--- arguments raise at the caller's line.
local core = {}

---@type string such as "0.1.0"
core.version = nil

-- ── error ──────────────────────────────────────────────────────────────────────────────────────────────────

---@alias sluice.ErrorKind
---| "usage" # a call or command line that makes no sense
---| "config" # configuration or a credential file
---| "auth" # tokens, keys, organisation
---| "http" # the network, or an answer that cannot be understood
---| "service" # the service refused; status and code say why
---| "json" | "patch" | "recipe" | "limit" | "io" | "interrupted" | "internal"
---| "permission" # a restricted recipe tried what it may not do

---@class sluice.Error what is raised; tostring gives one line
---@field kind sluice.ErrorKind
---@field message string
---@field status? integer HTTP status
---@field code? string the service's own, such as "1415-400" or "401013"; or one of ours
---@field title? string
---@field details? string
---@field request_id? string
---@field method? string
---@field url? string
---@field hint? string what to do next

--- Error objects: the one shape in which anything of Sluice fails.
core.error = {}

--- Makes the table itself an error object.
---@param fields { kind: sluice.ErrorKind, message: string, [string]: any }
---@return sluice.Error
function core.error.new(fields) end

--- Raises a new error object.
---@param kind sluice.ErrorKind
---@param message string
---@param fields? table further fields, copied
function core.error.raise(kind, message, fields) end

--- Is it an error object, of this kind if one is given?
---@param value any
---@param kind? sluice.ErrorKind
---@return boolean
function core.error.is(value, kind) end

-- ── secret ─────────────────────────────────────────────────────────────────────────────────────────────────

--- A value that shows as ‹secret NAME›; only request bodies and headers unwrap it. What it is concatenated with becomes
--- secret, too; `#` is its number of bytes; `==` compares bytes; there is no order, and no way to read it.
---@class sluice.Secret
---@operator concat(string|number|sluice.Secret): sluice.Secret
---@operator len: integer

--- Values that never show: passwords, keys, tokens. They print as ‹secret NAME›.
core.secret = {}

--- A secret.
---@param name string what it shows as
---@param bytes string|sluice.Secret
---@return sluice.Secret
function core.secret.new(name, bytes) end

--- The value of an environment variable.
---@param variable string
---@param name? string what it shows as, by default the variable
---@return sluice.Secret|nil secret nil when it is unset or empty
function core.secret.env(variable, name) end

--- All of a file but the line end at its end, at most 64 KiB. Raises kind "config", as those below do.
---@param path string
---@param name? string what it shows as, by default the path
---@return sluice.Secret
function core.secret.file(path, name) end

--- What a program prints, but for the line end at its end, at most 64 KiB within two minutes. No shell has a part in
--- it: the words go to the program as they are.
---@param words string[] the program, looked for in PATH, and its arguments
---@param name? string what it shows as, by default the program
---@return sluice.Secret
function core.secret.command(words, name) end

--- What is typed at the terminal, which does not show it.
---@param label string what is asked for, and what it shows as
---@return sluice.Secret
function core.secret.prompt(label) end

--- All of standard input but the line end at its end, at most 64 KiB; a terminal is refused.
---@param name? string what it shows as
---@return sluice.Secret
function core.secret.stdin(name) end

--- Is it a secret?
---@param value any
---@return boolean
function core.secret.is(value) end

--- The text with every secret that is alive shown as its name: as it is, in base64, percent-encoded, or with JSON's
--- escapes. Of fewer than eight bytes it must stand as a word of its own; fewer than four are not looked for.
---@param text string
---@return string
function core.secret.mask(text) end

--- Replaces, in a decoded answer, the texts under keys of secrets (auth.md §8, in any case; inside of `auth` and
--- `params` also those that a JSON Schema gave the format password) by secrets named after their keys. The client does
--- so with every answer.
---@generic T
---@param value T
---@return T value the same
function core.secret.wrap(value) end

-- ── json ───────────────────────────────────────────────────────────────────────────────────────────────────

--- JSON, strictly: arrays stay arrays, integers stay integers, names are sorted.
core.json = {}

---@type lightuserdata JSON's null, the same value as lua-cjson's
core.json.null = nil

--- Reads a JSON text (RFC 8259, at most 512 levels and 256 MiB). Arrays are marked, so that `[]` stays `[]`; integers
--- of 64 bits stay integers, larger ones become floats; 1.0 stays a float. Of members with one name the last counts.
--- Raises kind "json" with line and column.
---@param text string
---@param source? string what the text is called in errors
---@return any
function core.json.decode(text, source) end

--- Writes a value: names sorted, numbers exact. Secrets are shown by name. Raises kind "json" with the JSON pointer of
--- what cannot be written: functions, NaN, text that is not UTF-8, mixed tables, cycles.
---@param value any
---@param options? { indent?: integer } blanks a level, 0 to 16; none unless told
---@return string
function core.json.encode(value, options) end

--- Marks a table as an array; without one, makes an empty array.
---@param list? table
---@return table
function core.json.array(list) end

--- Marks a table as an object; without one, makes an empty object.
---@param map? table
---@return table
function core.json.object(map) end

--- Is it marked as an array?
---@param value any
---@return boolean
function core.json.is_array(value) end

--- The same JSON? 1 equals 1.0, an array never an object.
---@param a any
---@param b any
---@return boolean
function core.json.equal(a, b) end

--- A copy that shares no table with the value.
---@generic T
---@param value T
---@return T
function core.json.copy(value) end

-- ── pointer ────────────────────────────────────────────────────────────────────────────────────────────────

--- JSON Pointer (RFC 6901).
core.pointer = {}

--- The value at a JSON Pointer (RFC 6901).
---@param document any
---@param pointer string such as "/a/0/b"
---@return any value nil when there is none
---@return sluice.Error|nil err with code, pointer, part (what failed) and nearest (the last part that exists)
function core.pointer.get(document, pointer) end

--- The parts of a pointer.
---@param pointer string
---@return string[] tokens unescaped
function core.pointer.parse(pointer) end

--- The pointer of these parts.
---@param tokens (string|integer)[]
---@return string pointer
function core.pointer.format(tokens) end

--- A part as it stands in a pointer.
---@param token string
---@return string token with ~ and / escaped
function core.pointer.escape(token) end

-- ── patch ──────────────────────────────────────────────────────────────────────────────────────────────────

---@class sluice.Patch a JSON Patch (RFC 6902): an array of { op, path, value, from }; tostring gives its JSON
---@operator len: integer
local Patch = {}

--- JSON Patch (RFC 6902), with comparison, operations by identity, and inverse.
core.patch = {}

--- A patch; `core.patch(operations)` is the same. Operation names may be written in any case. Raises kind "patch" with
--- code and index for an operation that can never be right.
---@param operations? table[] as decoded from JSON
---@return sluice.Patch
function core.patch.new(operations) end

--- Adds a member or an element, or puts a value in place of a member.
---@param path string where; "-" as the last token appends to an array
---@param value any
---@return sluice.Patch self
function Patch:add(path, value) end

--- Removes what is there.
---@param path string
---@param value? any sent along and ignored: the service's schema asks for one (flow-service-api.md §12)
---@return sluice.Patch self
function Patch:remove(path, value) end

--- Puts a value in place of what is there.
---@param path string
---@param value any
---@return sluice.Patch self
function Patch:replace(path, value) end

--- Moves what is there to another place.
---@param from string
---@param path string
---@return sluice.Patch self
function Patch:move(from, path) end

--- Copies what is there to another place.
---@param from string
---@param path string
---@return sluice.Patch self
function Patch:copy(from, path) end

--- Fails the whole patch unless just this value is there.
---@param path string
---@param value any
---@return sluice.Patch self
function Patch:test(path, value) end

--- The document that the patch makes of this one, which stays as it is. What the patch does not touch is shared by
--- both. Raises kind "patch" with code, index, op and pointer.
---@param document any
---@return any
function Patch:apply(document) end

--- Removes every element of an array that matches; there must be one when the patch is resolved.
---@param array string the array's pointer
---@param match table<string, any> pointers inside the element and the values there, { ["/value/id"] = ID }
---@param value? any sent along with the removal and ignored
---@return sluice.Patch self
function Patch:remove_by(array, match, value) end

--- Replaces the one element of an array that matches; several raise code "ambiguous" when the patch is resolved.
---@param array string
---@param match table<string, any>
---@param value any
---@return sluice.Patch self
function Patch:replace_by(array, match, value) end

--- Appends to an array, unless an element matches.
---@param array string
---@param match table<string, any>
---@param value any
---@return sluice.Patch self
function Patch:add_unless(array, match, value) end

--- Has it only the operations of RFC 6902, so that it can be sent as it is?
---@return boolean
function Patch:is_plain() end

--- The patch in the operations of RFC 6902 alone, for this document: removals from the last index down, additions
--- with "/-".
---@param document any
---@return sluice.Patch
function Patch:resolve(document) end

--- The patch that undoes this one.
---@param document any the document before this patch
---@return sluice.Patch
function Patch:inverse(document) end

--- The patch that makes `b` of `a`, never longer than replacing the part that changed. Values are shared with both.
---@param a any
---@param b any
---@param options? { keys?: table<string, string>|"flow", test?: boolean, whole?: boolean } `keys`: array pointers (a
---  part `*` stands for any) and the pointer of the key inside an element; there a changed order is no change.
---  `test`: guard each change by the value before. `whole`: replace changed elements of keyed arrays as a whole (true).
---@return sluice.Patch
function core.patch.diff(a, b, options) end

---@type table<string, string> the keys of a dataflow: audiences by /value/id, attributes by /value/path
core.patch.flow_keys = nil

-- ── merge_patch ────────────────────────────────────────────────────────────────────────────────────────────

--- JSON Merge Patch (RFC 7396).
core.merge_patch = {}

--- The document that a merge patch (RFC 7396) makes of this one, which stays as it is.
---@param document any
---@param patch any
---@return any
function core.merge_patch.apply(document, patch) end

--- The merge patch that makes `b` of `a`. Raises kind "patch", code "not_expressible", where `b` has a null.
---@param a any
---@param b any
---@return any
function core.merge_patch.create(a, b) end

-- ── task ───────────────────────────────────────────────────────────────────────────────────────────────────

---@class sluice.Task
local Task = {}

--- Calls beside each other: one that waits lets the others go on.
core.task = {}

--- A call that runs beside the caller, from when the caller next waits.
---@param fn function
---@param ... any its arguments
---@return sluice.Task
function core.task.spawn(fn, ...) end

--- Lets others go on meanwhile.
---@param seconds number
function core.task.sleep(seconds) end

--- Whatever the function does, in tasks of its own too, has to be over by then; what waits longer raises kind
--- "limit", code "deadline". A deadline around it that comes earlier stays.
---@param seconds number
---@param fn function
---@param ... any its arguments
---@return any ... what the function returns
function core.task.deadline(seconds, fn, ...) end

--- Seconds that only go forward: for measuring.
---@return number seconds of a clock that never goes back
function core.task.now() end

--- The time of day.
---@return number seconds since 1970, with their fraction
function core.task.time() end

--- Waits for the end.
---@return any ... what the function returned; raises what it raised
function Task:wait() end

--- Whatever it waits for, or next waits for, raises kind "interrupted" in it.
function Task:cancel() end

--- Is it over?
---@return boolean
function Task:done() end

-- ── http and client ────────────────────────────────────────────────────────────────────────────────────────

--- HTTP without authorisation.
core.http = {}

--- One request without authorisation; any status is a success. https only, but for this machine; redirects are not
--- followed; TLS is verified. Raises kind "http" when there is no answer, "limit" when it is too large.
---@param request { method?: string, url: string, headers?: table<string, string|sluice.Secret>, body?: string,
---  timeout?: number, connect_timeout?: number, max_body?: integer, cacert?: string } GET, 60 s, 10 s, 32 MiB
---@return { status: integer, headers: table<string, string>, body: string } answer header names in lower case
function core.http.request(request) end

--- What one attempt of a call came to.
---@class sluice.CallEvent
---@field method string
---@field url string
---@field attempt integer from 1 on
---@field token true|nil it asked for a token: no bodies are shown
---@field seconds number from its start to its last byte
---@field first_byte number seconds until the answer began
---@field sent integer bytes, header included
---@field received integer bytes, header included, as they came
---@field connections integer that were opened for it
---@field http_version number 1.1 or 2.0; 0: there was no answer
---@field status integer|nil
---@field headers table<string, string>|nil of the answer
---@field body string|nil of the answer, as it came
---@field request_id string|nil
---@field error string|nil why there was no answer
---@field wait number|nil seconds until the next attempt
---@field request table|nil what client:request was given

---@class sluice.CoreClient an authorised client
local Client = {}

--- The authorised client behind `sluice.connect`.
core.client = {}

--- An authorised client (auth.md §1, §2); sends nothing yet. The token is asked for when first needed, once however
--- many wait, renewed before it ends and once on 401013.
---@param settings { base_url: string, ims_url: string, org: string, sandbox: string, client_id?: string,
---  client_secret?: string|sluice.Secret, scopes?: string, token?: string|sluice.Secret, cacert?: string,
---  timeout?: number, connect_timeout?: number, max_body?: integer, call_timeout?: number, attempts?: integer,
---  on_call?: fun(event: sluice.CallEvent), intercept?: fun(request: table): table|nil,
---  load_token?: fun(): sluice.Secret|nil, number|nil, save_token?: fun(token?: sluice.Secret, seconds?: number) }
---  call_timeout: seconds of one call with all its waits and repeats, 300; attempts of one call, 5; intercept is asked
---  before each call, { method, url, path, query, headers, body }, and may give { status, headers, body = text,
---  attempts = how many it took }, which then is the answer; load_token may give a token and its seconds, or nil and
---  the seconds to wait; save_token gets a new one, or nothing when there was none to be had or the request that asked
---  was given up. The hooks must not wait.
---@return sluice.CoreClient
function core.client.new(settings) end

--- Raises kind "service" or "auth" with the service's own message when it refuses, "http" when there is no answer or
--- none in JSON. What failed in a way that may pass is repeated if it may be done twice: GET, HEAD, OPTIONS, PUT and
--- DELETE, what `repeatable` says, and whatever cannot have reached the service. An error has `attempts` if there was
--- more than one, and `unsure = true` if the service may have done what was asked although nothing says so.
---@param request { method?: string, path: string, query?: table, headers?: table, body?: any, repeatable?: boolean }
---  the body is sent as JSON
---@return any value the decoded answer; nil when it is empty
---@return { status: integer, headers: table<string, string> } response
function Client:request(request) end

--- Sees to it that there is a token: the one it has, one that `load_token` gives, or a new one. Raises kind "auth" or
--- "http" when there is none to be had.
function Client:authorise() end

-- ── flow_service ───────────────────────────────────────────────────────────────────────────────────────────

--- The operations of the Flow Service, one by one.
core.flow_service = {}

---@class sluice.Operation
---@field name string such as "flows.update"
---@field resource string
---@field action string
---@field method string
---@field path string with {id} where an ID stands
---@field summary string
---@field body boolean
---@field etag boolean
---@field paged boolean

---@type sluice.Operation[] every operation that a client may call (flow-service-api.md §3)
core.flow_service.operations = nil

--- Reading one entity gives it unwrapped; reading many a page { items, _links }, whose _links.next.href is the next
--- call's `next`. An etag is sent in one pair of quotes (§12).
---@param client sluice.CoreClient
---@param name string
---@param arguments? { id?: string, query?: table, body?: table, etag?: string, op?: string,
---  sub_op?: string, next?: string }
---@return any value
---@return table response
function core.flow_service.call(client, name, arguments) end

-- ── files ──────────────────────────────────────────────────────────────────────────────────────────────────────

--- Files and folders, as far as Lua's own library does not know them.
core.files = {}

--- Makes a folder and those above it; one that is there already is good. Raises kind "io".
---@param path string
function core.files.make_folder(path) end

--- A file to write to, emptied, which only its owner may read (0600); pipes and devices stay as they are. Raises kind
--- "io".
---@param path string
---@return file* file as `io.open` gives it
function core.files.create(path) end

--- What is there. Raises kind "io" when that cannot be known.
---@param path string
---@param what? "target"|"link" where a link leads (the default), or the link itself
---@return { kind: "file"|"folder"|"link"|"other", mode: integer, own: boolean }|nil found nil: nothing; mode: of the
---  nine rights and three above them; own: the user's
function core.files.look(path, what) end

--- Takes all rights from everybody but the owner. Raises kind "io".
---@param path string
function core.files.close_to_others(path) end

-- ── library ────────────────────────────────────────────────────────────────────────────────────────────────

--- The shared libraries that are loaded when first used.
core.library = {}

--- What is installed. Loads all of them to ask.
---@return { name: string, package: string, purpose: string, version: string|nil, problem: string|nil }[] libraries
---  package: Debian's; version: in the library's own words, "" where it has none; problem: why it cannot be loaded
function core.library.versions() end

-- ── terminal and editor ────────────────────────────────────────────────────────────────────────────────────────

--- The terminals behind the standard streams.
core.terminal = {}

--- Is this standard stream a terminal?
---@param stream "stdin"|"stdout"|"stderr"
---@return boolean
function core.terminal.is(stream) end

--- Asks at the terminal, wherever the standard streams go; what is typed shows, so it is nothing for secrets.
---@param question string without its colon
---@return string|nil line what was typed; nil for nothing, or where there is no terminal
function core.terminal.ask(question) end

--- How large the terminal behind a standard stream is.
---@param stream "stdin"|"stdout"|"stderr"
---@return integer|nil columns nil where it is no terminal
---@return integer rows
function core.terminal.size(stream) end

---@class sluice.Editor a line editor on the terminal, on libedit, which is loaded when the first one is made
local Editor = {}

--- Line editing, as at the prompt.
core.editor = {}

--- The terminal's editor: history, several lines in one text, pasting, the user's own .editrc. Enter ends a text that
--- is complete and begins a new line otherwise, Alt-Enter always does; Tab asks for a completion. Both functions must
--- not wait; what they raise counts as no answer. Raises kind "io" where there is no terminal or no libedit.
---@param options { is_complete: (fun(text: string): boolean), complete: (fun(text: string, before: integer): integer,
---  string|nil, string|nil), keys?: "emacs"|"vi" } `complete` is given the text and how many of its bytes stand before
---  the cursor; it gives how many of these go, what comes in their place, and what is listed below
---@return sluice.Editor
function core.editor.new(options) end

--- Lets somebody type. Escape sequences in the prompt stand between two "\1". Nothing else goes on meanwhile; a task
--- must not call it.
---@param prompt string
---@param text? string what stands there to begin with
---@return string|nil text
---@return "line"|"edit"|"interrupted"|"closed" reason "edit": it is wanted in another editor (Ctrl-X Ctrl-E, in vi's
---  command mode v); "interrupted": Ctrl-C; "closed": Ctrl-D, or the terminal is gone
function Editor:read(prompt, text) end

--- Adds a text to what the arrow keys and Ctrl-R find. The last 1000 are kept.
---@param text string
function Editor:remember(text) end

--- Changes the keys; what the user's own .editrc says goes before it.
---@param keys "emacs"|"vi"
function Editor:keys(keys) end

--- Gives the terminal back. Closing again does nothing.
function Editor:close() end

-- ── store ──────────────────────────────────────────────────────────────────────────────────────────────────────

---@class sluice.Store a folder of small documents that nobody else may read or change (modes 0700 and 0600)
local Store = {}

core.store = {}

--- Opens a folder. Raises kind "io" when it is another user's or open to others, as the methods do for its files.
---@param path string
---@param create? boolean make it, and those above it
---@return sluice.Store|nil store nil when there is no such folder
function core.store.open(path, create) end

--- A name that does not tell what it is made of: the SHA-256 of the texts.
---@param ... string
---@return string
function core.store.name(...) end

---@param name string letters, digits, -, _ and, not at the beginning, dots
---@return any document with its secrets as such (see `core.secret.wrap`); nil when there is none
function Store:read(name) end

--- Puts a document in the place of the one of that name, as a whole or not at all. Secrets are written as they are;
--- only the holder of the lock may write.
---@param name string
---@param document any
---@param options? { indent?: integer } blanks a level, for people; in one line unless told
function Store:write(name, document, options) end

---@param name string
---@return boolean removed false when there was none
function Store:remove(name) end

--- Takes the lock of that name without waiting. A store holds one lock at a time, at most until its process ends.
---@param name string
---@return boolean locked false when somebody else has it
function Store:lock(name) end

--- Gives the lock back.
function Store:unlock() end

--- Closes it and gives its lock back. Closing again does nothing.
function Store:close() end

-- ── archive ────────────────────────────────────────────────────────────────────────────────────────────────

---@class sluice.archive.Member
---@field name string any bytes, 1 to 255 of them
---@field bytes string at most 16 MiB
---@field sha256? string of the bytes, in hexadecimal digits; given by reading

--- Archives of small files, in one strict form of zip: the same members are always the same bytes.
core.archive = {}

--- Reads the archive at the end of a file: at most 1,000 members and 64 MiB, every CRC checked. Raises kind "io" when
--- the file cannot be read.
---@param path string
---@return sluice.archive.Member[]|nil members in the order of their names, which are not judged; nil: no good archive
---@return integer|string front how many bytes stand before it; or why it is none
function core.archive.read(path) end

--- The same from bytes.
---@param bytes string
---@return sluice.archive.Member[]|nil members
---@return integer|string front
function core.archive.parse(bytes) end

--- An archive of these members. Raises kind "usage" for names that are not in order (by bytes, each once) or cannot
--- be, "limit" for too many or too large ones.
---@param members sluice.archive.Member[]
---@param front? integer how many bytes it will stand behind (0)
---@return string bytes
function core.archive.write(members, front) end

--- Writes a file as a whole or not at all. Raises kind "io".
---@param path string
---@param bytes string
---@param kind? "data"|"program"|"new" mode 0644 (the default), mode 0755, or mode 0644 where nothing is yet
function core.archive.save(path, bytes, kind) end

--- Makes a folder where nothing is yet. Raises kind "io".
---@param path string
function core.archive.make_folder(path) end

--- Where a path leads: absolute, without links; of what does not exist, the part that does. Raises kind "io".
---@param path string
---@return string
function core.archive.place(path) end

-- ── signature ──────────────────────────────────────────────────────────────────────────────────────────────

--- What proves whose bytes are: Ed25519 signatures by keys in PEM, and digests.
core.signature = {}

---@param bytes string
---@return string sha256 in hexadecimal digits
function core.signature.digest(bytes) end

--- Signs bytes.
---@param key sluice.Secret|string a private key without a passphrase
---@param bytes string
---@return string|nil signature 64 bytes; nil: that is no such key
---@return string key the public one, 32 bytes; or what is wrong with it
function core.signature.make(key, bytes) end

--- Is it the signature of the bytes?
---@param key string a public key
---@param bytes string
---@param signature string 64 bytes
---@return boolean|nil good nil: that is no such key
---@return string key the public one, 32 bytes; or what is wrong with it
function core.signature.check(key, bytes, signature) end

-- ── policy ─────────────────────────────────────────────────────────────────────────────────────────────────

--- What somebody else's script may do in this process, enforced where it happens: calls, files, programs, servers.
core.policy = {}

--- Seals the policy: once, for good. Paths stand for what they lead to at this moment, and all below it. Raises kind
--- "usage" when there is one already, "config" for a path that leads nowhere.
---@param policy { hosts: string[], sandboxes: string[], operations: string[], read: string[], write: string[],
---  own_read: string[], own_write: string[], never: string[], commands: boolean } own: for the program itself, besides
---  the script's; never: closed to both but for the program to write
---@return { file: function, command: function } free as those of `core.secret`, but no policy counts for them: for
---  references that the user's own options hold
function core.policy.seal(policy) end

--- Is there a policy?
---@return boolean
function core.policy.sealed() end

--- Opens a file as `io.open` does, if the policy allows it; no link leads out of what it allows, nothing but files is
--- opened. Raises kind "permission".
---@param path string
---@param mode? string "r", "w", "a", each also with "+" and "b"
---@param own? boolean the program itself asks
---@return file*|nil file
---@return string|nil message
---@return integer|nil number of the system's error
function core.policy.open(path, mode, own) end

--- Where a path leads, if the policy allows to use it so. Raises kind "permission", kind "io" when it leads nowhere.
---@param path string
---@param use "read"|"write"
---@param own? boolean the program itself asks
---@return string place
function core.policy.place(path, use, own) end

--- Raises kind "permission" when the policy does not allow to run programs.
---@param program string as messages show it
function core.policy.command(program) end

-- ── listener ───────────────────────────────────────────────────────────────────────────────────────────────

---@class sluice.Listener
---@field port integer
local Listener = {}

---@class sluice.Exchange a request, and the way to answer it
---@field method string
---@field path string as it was sent
---@field query string|nil as it was sent, without the question mark
---@field headers table<string, string> names in lower case
---@field body string
local Exchange = {}

--- A server on this machine, as the emulator uses it.
core.listener = {}

--- A server on 127.0.0.1.
---@param options? { port?: integer, max_body?: integer } any free port, 8 MiB; a larger body is answered with 413
---@return sluice.Listener
function core.listener.new(options) end

---@return sluice.Exchange|nil exchange the next complete request; nil once the listener is closed
function Listener:accept() end

function Listener:close() end

--- Answers, once.
---@param status integer 200 to 599
---@param headers? table<string, string>
---@param body? string
function Exchange:respond(status, headers, body) end

--- Closes the connection without an answer.
function Exchange:drop() end

--- Writes bytes to the socket as they are, beside HTTP: for servers that misbehave on purpose. End with `drop`. Raises
--- kind "http" when the client is gone.
---@param bytes string
---@return integer written how many of them the socket took, at once; 0 when it is full
function Exchange:write(bytes) end

--- Tears the connection down (RST) without a further answer. Raises kind "http" when the client is gone.
function Exchange:reset() end

--- Does the client still wait for an answer? What was written to it since makes no difference.
---@return boolean
function Exchange:is_open() end

return core
