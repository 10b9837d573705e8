--- What `sluice.connect()` takes where it is told nothing: the options of `sluice run`. Empty outside of the program.

return {}
