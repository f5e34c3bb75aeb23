"""The one way in which what is not printable is written where a person reads it: reports, messages, evidence.

A screen has pictures of control bytes instead, and its own door (`httpresp_tui.text`); JSON has its own escapes.
"""


def escaped(text: str, kept: str = "") -> str:
    """The text with everything that is not printable, and so might act on a terminal, as an escape (`\\x1b`);
    the characters of `kept` stay."""
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable() or character in kept
        else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in text
    )
