"""Widgets: each tells, none fetches."""
