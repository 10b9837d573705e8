--- What `sluice.connect()` takes where it is told nothing: the options of `sluice run`. Empty outside of the program.
--- `observe(settings)` is called with the settings of each new client, and may add hooks to them; `resolve(settings)`,
--- if it is there, stands for that of `sluice.config`.

return {}
