std = "lua54"
max_line_length = 120
files["tests"] = { std = "lua54+busted" }
files["lua/sluice/cli/run.lua"] = { globals = { "arg" } } -- scripts get theirs
files["lua/meta"] = { ignore = { "212", "241" } } -- descriptions: arguments and classes are named, not used
