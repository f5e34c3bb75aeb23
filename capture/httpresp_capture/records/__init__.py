"""What leaves this package: responses, requests, flows, counters and capture events; and the bounds."""
