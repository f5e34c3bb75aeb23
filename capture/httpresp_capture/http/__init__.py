"""What all versions of HTTP share: heads, framing rules, pairing, cookies."""
