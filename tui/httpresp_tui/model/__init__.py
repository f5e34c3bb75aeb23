"""What the screen shows, without a screen: store, view, rows, grouping, sorting, columns. No Textual."""
