"""Whether live capture would be allowed, asked before anybody is asked anything else."""

import socket
import sys

__all__ = ["may_capture"]


def may_capture() -> bool:
    """True when a packet socket can be opened now; told by opening one that hears nothing, since its protocol is 0.

    Where that cannot be told, on other systems than Linux, opening the interface will tell.
    """
    if sys.platform != "linux":
        return True
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0).close()
    except PermissionError:
        return False
    except OSError:
        return True  # No such sockets at all: not a question of permission.
    return True
