"""From secrets to keys: HKDF-Expand-Label of TLS 1.3 (RFC 8446 §7.1), the PRF of TLS 1.2 (RFC 5246 §5) and that of
TLS 1.0 and 1.1 (RFC 2246 §5)."""

import hmac


def expand_label(secret: bytes, label: bytes, length: int, hash: str) -> bytes:
    """`length` bytes derived from a secret for one purpose; the context is empty for all that is derived here."""
    name = b"tls13 " + label
    info = length.to_bytes(2, "big") + bytes([len(name)]) + name + b"\0"
    out = block = b""
    counter = 1
    while len(out) < length:
        block = hmac.digest(secret, block + info + bytes([counter]), hash)
        out += block
        counter += 1
    return out[:length]


def expand(secret: bytes, seed: bytes, length: int, hash: str) -> bytes:
    """P_hash of RFC 5246 §5."""
    out = b""
    turn = seed
    while len(out) < length:
        turn = hmac.digest(secret, turn, hash)
        out += hmac.digest(secret, turn + seed, hash)
    return out[:length]


def key_block(master_secret: bytes, server_random: bytes, client_random: bytes, length: int, hash: str) -> bytes:
    """RFC 5246 §6.3; an empty `hash` means the PRF of TLS 1.0 and 1.1, which is MD5 and SHA-1 together."""
    seed = b"key expansion" + server_random + client_random
    if hash:
        return expand(master_secret, seed, length, hash)
    half = (len(master_secret) + 1) // 2
    one, other = expand(master_secret[:half], seed, length, "md5"), expand(master_secret[-half:], seed, length, "sha1")
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).to_bytes(length, "big")
