"""Standard input, output and error as a program finds them when somebody has closed one (`>&-`), and no file but
a stream ever takes its number.

A descriptor that was closed is opened on the null device, the first two the wrong way round: reading standard input and
writing standard output then fail with EBADF, which is told like any other failure, instead of hitting a capture file or
a socket that got the number. `sys.stdout` and the others are there again, also for whoever draws on them.
"""

import os
import sys

_STREAMS = (("stdin", os.O_WRONLY, "r"), ("stdout", os.O_RDONLY, "w"), ("stderr", os.O_WRONLY, "w"))
"""By descriptor: the name in `sys`, how the null device is opened in its place, the mode of the stream."""


def open_missing() -> None:
    """Call it before anything is opened."""
    for number, (name, flags, mode) in enumerate(_STREAMS):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free, which is this one.
            os.set_inheritable(os.open(os.devnull, flags), True)
        if getattr(sys, name) is None:
            stream = os.fdopen(number, mode, encoding="utf-8", closefd=False)
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)
