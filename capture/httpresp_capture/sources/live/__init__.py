"""Live capture: an interface, the sockets of this system, and the packet loop over them."""
