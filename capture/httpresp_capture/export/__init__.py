"""What a response becomes when it leaves: one file a format.

Every format takes a `Response` and gives text or bytes; none reads a clock, a file or the environment. `tracee` is the
event that `--json`, the clipboard and the JSON tab share.
"""
