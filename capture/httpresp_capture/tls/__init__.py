"""TLS (RFC 8446, RFC 5246): what can be said of a connection without keys, and with keys what it carries.

    hello         the two hellos
    names         versions, cipher suites and alerts, by name
    fingerprints  JA3, JA3S, JA4
    suites        what a cipher suite asks for
    schedule      secrets → keys
    protected     how one direction's records are opened, whatever the suite
    protection    one direction's records, opened one after the other
    records       bytes → records, and records found again behind a gap
    handshake     messages of the handshake, and what is known of the connection from them
    side          one direction: its records, its keys, what waits for keys
    early         early data, until it is known whether the server takes it
    opening       which keys hold when, and what a record holds
    losses        what goes on behind a loss
    session       both directions, in the order of the wire
    conversation  between a connection and what TLS carries, whose bytes are looked at like any other

Passive throughout: nothing is negotiated here, and no certificate is judged. Secrets come from `records.secrets`. The
library `cryptography` is loaded when the first record is to be opened.
"""
