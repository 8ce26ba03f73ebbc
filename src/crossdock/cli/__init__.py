"""The `crossdock` command: a file or a folder for each subcommand. All but `init` need a project's [tool.crossdock]."""
