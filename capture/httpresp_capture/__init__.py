"""The capture side of httpresp-tui: packets in, HTTP responses out, no screen."""
