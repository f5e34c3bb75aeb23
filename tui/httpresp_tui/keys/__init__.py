"""Keys: what each is called and does, in the status bar, the palette and the help."""
