"""Servers and clients that others made, each with each, by TLS on loopback, read by us and by tshark from one capture.

    site        what is asked, the files behind it, and a certificate
    place       what a server is told: folder, ports, certificate, where its keys go
    servers     one entry a server: a table
    clients     one entry a client: a table
    dissection  what tshark reads of a capture
    comparison  where the two readings differ, and why they may
    tickets     the line that tshark lacks of a ticket that is renewed
    pair        one client asks one server while the live source looks on
    watched     one client as the command of `httpresp-tui -- COMMAND`

`python -m matrix` (with `PYTHONPATH=tests`) runs all pairs and prints the table; with `--watched`, each client as a
command. `peers/` holds what has to be written
in the language of a peer.
"""
