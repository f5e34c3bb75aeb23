"""The command line: options, `check`, `diff`, `--json`, `--doctor`; from arguments to a running program."""
