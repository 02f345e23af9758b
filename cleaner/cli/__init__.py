"""The command line: `cleaner.cli.main` holds the commands' names, one module a command holds the rest."""
