"""A connection of QUIC, by aioquic, and the frames that carry it."""

import ssl
import warnings
from collections.abc import Iterable
from functools import cache

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from aioquic.quic.configuration import QuicConfiguration
    from aioquic.quic.connection import QuicConnection
    from aioquic.quic.packet import QuicProtocolVersion, encode_quic_retry, encode_quic_version_negotiation

from traffic.tls import folder
from traffic.values import Frame
from wrapped import ethernet, ip4

START, STEP = 1_700_000_000_000_000_000, 1_000_000
CLIENT, SERVER = "10.0.0.9", "10.0.0.1"
VERSION_1, VERSION_2 = QuicProtocolVersion.VERSION_1, QuicProtocolVersion.VERSION_2
Said = list[tuple[bool, bytes]]
"""Whether the client sent it, and the datagram."""


@cache
def talk(
    *,
    version: int = VERSION_1,
    server: int = 0,
    name: str = "shop.example",
    first: str = "",
    also: tuple[str, ...] = (),
) -> Said:
    """A handshake and a stream, by the library. `server` is the version of a server that speaks another one. It begins
    with what `first` says: "retry", or "versions" (Version Negotiation); else it goes on in its version at once. The
    client offers to speak what `also` names, too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        asks = QuicConfiguration(
            is_client=True, alpn_protocols=["h3", *also], server_name=name, verify_mode=ssl.CERT_NONE
        )
        answers = QuicConfiguration(is_client=False, alpn_protocols=["h3"])
        asks.supported_versions = [server, version] if server else [version]
        asks.original_version = version
        answers.supported_versions = [server, version] if server and not first else [server or version]
        answers.original_version = server or version
        answers.load_cert_chain(folder() / "ec.pem", folder() / "ec.pem")
        client = QuicConnection(configuration=asks)
        client.connect((SERVER, 443), now=0.0)
        said: Said = []
        again: bytes | None = None
        original = client.original_destination_connection_id
        if first:
            ((data, _),) = client.datagrams_to_send(now=0.0)
            theirs = data[6 + data[5] + 1 :][: data[6 + data[5]]]
            if first == "retry":
                again = bytes(range(8))
                answer = encode_quic_retry(version, again, theirs, original, b"a token")
            else:
                answer = encode_quic_version_negotiation(
                    source_cid=original, destination_cid=theirs, supported_versions=[0x1A2A3A4A, server]
                )
            said += [(True, data), (False, answer)]
            client.receive_datagram(answer, (SERVER, 443), now=0.0)
        answering = QuicConnection(
            configuration=answers,
            original_destination_connection_id=original,
            retry_source_connection_id=again,
        )
        for turn in range(8):
            for from_client, sender, receiver in ((True, client, answering), (False, answering, client)):
                for data, _ in sender.datagrams_to_send(now=turn * 0.01):
                    said.append((from_client, data))
                    receiver.receive_datagram(data, (CLIENT if from_client else SERVER, 443), now=turn * 0.01)
            if turn == 2:
                client.send_stream_data(0, b"GET / HTTP/0.9" * 100, end_stream=True)
    return said


def datagrams(said: Iterable[tuple[bool, bytes]], client_port: int = 50_000) -> list[Frame]:
    made: list[Frame] = []
    for number, (from_client, data) in enumerate(said):
        ports = (client_port, 443) if from_client else (443, client_port)
        datagram = b"".join(each.to_bytes(2, "big") for each in (*ports, len(data) + 8, 0)) + data
        addresses = [bytes(map(int, each.split("."))) for each in (CLIENT, SERVER)]
        packet = ethernet(ip4(datagram, b"".join(addresses if from_client else addresses[::-1]), protocol=17))
        made.append(Frame(START + number * STEP, 1, packet, len(packet)))
    return made
