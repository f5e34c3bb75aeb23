"""Connections: sequence numbers, bytes in order, gaps and conflicts, the flow table (RFC 9293)."""
