"""A count and what is counted, in words: the one place that knows an English plural."""


def plural(count: int, what: str) -> str:
    """`response` or `responses`, `body` or `bodies`."""
    if count == 1:
        return what
    return f"{what[:-1]}ies" if what.endswith("body") else f"{what}s"


def many(count: int, what: str) -> str:
    """`1 response`, `1,234 responses`, `2 older bodies`."""
    return f"{count:,} {plural(count, what)}"
