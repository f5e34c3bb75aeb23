"""From a frame to a TCP segment or a UDP datagram: link types, IP, fragments, tunnels."""
