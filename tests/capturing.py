"""What may be captured here."""

import socket

import pytest


def may_capture() -> bool:
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0).close()
    except (AttributeError, OSError):
        return False
    return True


needs_capture = pytest.mark.skipif(not may_capture(), reason="needs CAP_NET_RAW on Linux")
