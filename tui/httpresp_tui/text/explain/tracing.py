"""With what a response is found again elsewhere: traces, request ids, times; and how much more may be asked."""

import re

from httpresp_tui.text.explain.parts import directives, joined_parts, seconds_in_words, shortened

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?", re.IGNORECASE)


def traceparent(value: str) -> str:
    """W3C Trace Context §3.2."""
    found = _TRACEPARENT.fullmatch(value.strip())
    if found is None or found[1].lower() == "ff" or not found[2].strip("0") or not found[3].strip("0"):
        return "no trace context that can be read"
    recorded = "recorded" if int(found[4], 16) & 1 else "not recorded"
    return f"trace {found[2]} · span {found[3]} · {recorded}"


def milliseconds(value: str) -> str:
    """`X-Response-Time`, `X-Runtime`: how long the server worked, as it says."""
    text = value.strip().lower()
    return f"the server worked for {shortened(text, 20)}, as it says" if text[:1].isdecimal() else ""


def rate_limit(value: str) -> str:
    """The RateLimit field, structured or an old number."""
    found = dict(part for policy in value.split(",")[:1] for part in directives(policy, ";"))
    if "r" in found:
        again = f", in {seconds_in_words(found['t'])} all again" if "t" in found else ""
        return f"{shortened(found['r'], 12)} more requests{again}"
    return remaining(value)


def rate_policy(value: str) -> str:
    """`100;w=60`, `"burst";q=100;w=60`."""
    said: list[str] = []
    for policy in value.split(",")[:4]:
        first = policy.split(";")[0].strip().strip('"')
        found = dict(directives(policy, ";"))
        quota = found.get("q", first)
        if "w" in found:
            said.append(f"{shortened(quota, 12)} requests in {seconds_in_words(found['w'])}")
    return joined_parts(said) if said else ""


def limit(value: str) -> str:
    """How many requests a window has."""
    text = value.partition(",")[0].partition(";")[0].strip()
    return f"{shortened(text, 12)} requests in a window" if text.isdecimal() else ""


def remaining(value: str) -> str:
    """How many of them are left."""
    text = value.partition(",")[0].partition(";")[0].strip()
    if not text.isdecimal():
        return ""
    return "no request left: the next is refused" if text.strip("0") == "" else f"{shortened(text, 12)} requests left"


def reset(value: str) -> str:
    """Seconds, or a moment since the epoch, which large numbers are."""
    text = value.strip()
    if not (text.isascii() and text.isdecimal()):
        return ""
    return (
        f"all again in {seconds_in_words(text)}" if len(text) < 8 else "when all may be asked again, in seconds of Unix"
    )
