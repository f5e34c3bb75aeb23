"""What a byte stream speaks, from its first bytes; and what may stand before the protocol."""
