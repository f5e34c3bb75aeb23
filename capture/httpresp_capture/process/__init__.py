"""A source in a process of its own, and its events on the way to this one."""
