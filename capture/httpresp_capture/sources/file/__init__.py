"""Capture files and event files of all formats, one reader each."""
