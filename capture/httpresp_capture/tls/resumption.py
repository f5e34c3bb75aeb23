"""Sessions of TLS up to 1.2 that later connections go on with: one secret for all of them.

Some programs write it once, for the connection that began the session (Go's servers). What names a session for the
client, a ticket or an id, is remembered with that connection's client random, by which its secret is found.
"""

from httpresp_capture.records.secrets import MASTER, Secrets
from httpresp_capture.tls.hello import SESSION_TICKET, Hello

__all__ = ["is_resumed", "name_session", "secret_of_session", "ticket_of"]


def is_resumed(client: Hello, server: Hello) -> bool:
    """True when the server sends back what the client named a session by, be that an id or one made up beside a ticket
    (RFC 5246 §7.4.1.3, RFC 5077 §3.4)."""
    return bool(client.session) and server.session == client.session and not server.is_13


def ticket_of(body: bytes) -> bytes:
    """The ticket in a NewSessionTicket (RFC 5077 §3.3); empty where there is none."""
    return body[6 : 6 + int.from_bytes(body[4:6], "big")]


def name_session(name: bytes, client: Hello | None, server: Hello | None, secrets: Secrets | None) -> None:
    """The server of this connection has named its session."""
    if name and client is not None and server is not None and secrets is not None:
        begun_by = _begun_by(client, server, secrets)
        if begun_by:
            secrets.name_session(name, begun_by)


def secret_of_session(client: Hello | None, server: Hello | None, secrets: Secrets | None) -> bytes | None:
    """The secret of the connection that began the session; None where that was not seen, or its secret is missing."""
    if client is None or server is None or secrets is None:
        return None
    begun_by = _begun_by(client, server, secrets)
    return secrets.find(begun_by, MASTER) if begun_by else None


def _begun_by(client: Hello, server: Hello, secrets: Secrets) -> bytes:
    """The client random of the connection that began the session; empty where that was not seen."""
    if not is_resumed(client, server):
        return client.random
    return secrets.session(client.extensions.get(SESSION_TICKET, b"")) or secrets.session(client.session)
