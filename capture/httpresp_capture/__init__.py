"""The capture side of httpresp-tui: packets in, HTTP responses out, no screen.

The folders, from the top; each imports only what stands below it, and a contract in `pyproject.toml` holds that:

    iterator      `responses()`, the entrance for a program of one's own
    response_collector    when a response has ended, for whoever has no screen
    command/      a command that is run to be watched
    exporting/    responses into files: one table of formats; packets of chosen connections, bundles
    process/      a source in a process of its own, and its events on the way to this one
    sources/      an interface, a file, a pipe, the demo: with process/ and system/ the only rooms with sockets, threads
                  and clocks
    pipeline      the packet loop, and all below composed: what continues a connection in order goes straight to its
                  reader, everything else through net/ and tcp/
    protocols     what is recognised in a stream of bytes and what reads it: a line for each protocol
    plugins       checks and formats of other packages, by their entry points
    event_formats    the formats that events leave in: one table
    tracee/       Tracee's event, written and read
    export/       reports, curl, documents of responses: one file a format
    analysis/     what many responses say together: findings, baseline, clusters, comparison, cookies, drift, caching
    checks/       what one response says: one file a check
    query/        the filter language: text to one predicate
    redaction/    secrets kept out of what leaves
    http2/        HTTP/2: `endpoint` reads the frames of one direction, `exchanges` makes rows of streams
    http1/        HTTP/1.x: `conversation` gives each direction its reader, `parser` cuts messages, the two readers make
                  records of them, `exchanges` says who answers whom
    quic/         QUIC as far as anybody can read it: its first packets, a row for each connection
    tls/          TLS whose keys are there: records in, the streams that they carry out
    detect/       what a connection speaks, from its first bytes, and what streams inside of others speak
    websocket/    the frames behind a 101, counted
    http/         what all versions share: rows, heads, framing rules, pairing, cookies
    content/      codings, charsets, bodies
    tcp/          `segments` finds or opens a connection, `assembler` puts a direction in order, `connection` opens and
                  ends as RFC 9293 says
    net/          link types, IP, fragments, tunnels: a frame to a TCP segment
    streams/      what whoever reads a stream of bytes sees of it, whatever carries it: positions, `Receiver`, the pair
    bpf/          which packets the kernel hands over
    sink          what every layer may ask of the whole: ids, the way out for events, bounds, counters
    system/       privileges, private files, garbage collection
    records/      what comes out: `Response` and what belongs to it, capture events, limits

Names are loaded when they are first asked for, so that nothing is paid for what is not used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from httpresp_capture.checks import examine
    from httpresp_capture.iterator import responses
    from httpresp_capture.pipeline import Pipeline
    from httpresp_capture.query import compile_query
    from httpresp_capture.records.exchange import Response

__all__ = ["Pipeline", "Response", "compile_query", "examine", "responses"]

_ROOMS = {
    "Pipeline": "pipeline",
    "Response": "records.exchange",
    "compile_query": "query",
    "examine": "checks",
    "responses": "iterator",
}


def __getattr__(name: str) -> object:
    room = _ROOMS.get(name)
    if room is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{room}"), name)
