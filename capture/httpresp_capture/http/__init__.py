"""What all versions of HTTP share: rows, heads, framing rules, pairing, cookies."""
