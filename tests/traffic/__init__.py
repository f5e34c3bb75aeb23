"""Traffic of our own making, with the truth beside it: what any inspector must find in it.

The way down: `messages` writes requests and responses of every framing; `conversations` joins them to what two ends
say on one connection; `segments` cuts that into TCP segments and does to them what a wire does; `frames` wraps each
in IP and a link layer; `captures` mixes many connections into one capture and writes it as pcap or pcapng. Each layer
is plain `struct` work on a seeded `random.Random`: 10 000 responses take a few seconds, and the same seed gives the
same bytes. `watching` runs frames through the pipeline, `verdict` holds what came out against the truth.
"""
