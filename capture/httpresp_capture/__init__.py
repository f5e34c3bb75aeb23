"""The capture side of httpresp-tui: packets in, HTTP responses out, no screen.

The way of a packet through the rooms of this folder:

    sources/      a socket, a file, a pipe, the demo: the only rooms with a clock, a socket or a thread
    pipeline      the packet loop: what continues a connection in order goes straight to its reader; else
      link/       one file a link type: where the network layer starts
      ip          IPv4 and IPv6 down to the TCP segment; with fragments, tunnels and the way record
      flows       which connection; opening, closing, idling, port reuse; bounded
      assembler   one direction: bytes in any order in; bytes in order, gaps and conflicts out
      dialogue    one connection: recognise tells what it speaks, pairing who answers whom
        message, http1           one direction of HTTP/1.x cut into messages; framing says where a body ends,
                                 heads what is wrong with a head
        request_reader, response_reader     messages made into records
    events        what comes out: Response, Request, Flow, CaptureStatus; headers, problems and records with it

What is done with the responses afterwards, when somebody asks:

    bodies        content coding undone under a ceiling (codings, charsets)
    query/        the filter language: text to one predicate
    export/       one file a format; redaction keeps secrets out
    checks/       one file a security check; findings rolls them up, baseline accepts them
    cookies, cookie_ledger, drift, clusters, timeliness, limiting, caching, routes     what many responses tell together

`bpf/` makes the kernel's filter, `privileges` gives root up, `limits` holds every bound. Names are imported from
their rooms; this file imports none, so that nothing is paid for what is not used.
"""
