"""What reading costs, beside the tools that a person would use instead.

    python -m benchmarks                 everything at full size: some tens of minutes
    python -m benchmarks --short         small captures, one run each: under a minute
    python -m benchmarks files scale     some of the parts: files, scale, startup, checks, screen, live

Run with `capture`, `tui` and `tests` on PYTHONPATH. Captures are made by `cases` with a fixed seed and kept in a folder
for temporary files; what our program finds in each is compared with what was put into it before anything is timed.
Tools that are not installed are passed over, and it says so. `live` needs root, since it makes a network of its own.

CPU seconds are user and system time of the whole process, as the kernel counts them.
"""
