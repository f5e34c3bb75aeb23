"""What hostile or endless traffic costs: memory must stay bounded, and the price of a packet flat.

    python -m soak                       every case at full size, each in a process of its own
    python -m soak syn-flood reverse     some of them; `--scale 0.1` makes them smaller
    python -m soak --minutes 10          mixed traffic at full speed, with the memory curve

`cases` makes the traffic lazily, `__main__` measures.
"""
