"""Responses into files: what `--export` and `e` write. One table of formats, `formats.FORMATS`.

A file is there whole or not at all (`system.drafts`). Documents are written as responses come; what needs all of them,
or the packets, does its work in steps when they are through, so that whoever waits can stop it between two.
"""
