"""Pieces of JSON text: strings from the wire, and header lines that are remembered.

Only ASCII without control bytes comes out, so that nothing printed or pasted can act on a terminal. Text is UTF-8 where
it is valid UTF-8, else Latin-1, which reads any byte. Servers repeat themselves: most lines of a head were seen in the
response before, so each line is turned into JSON once and remembered, within a bound.
"""

from json.encoder import encode_basestring_ascii

from httpresp_capture.headers import Headers

REMEMBERED_LINES = 4096
"""Distinct header lines remembered; ETag and Date never come back, so the memory is emptied when it is full."""
REMEMBERED_LENGTH = 512
"""Bytes of a line worth remembering: a longer one is a token or a policy, and 4096 of them must stay small."""


def text(data: bytes) -> str:
    """Bytes from the wire as text: UTF-8 when valid, else Latin-1."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def quoted(value: str) -> str:
    """A JSON string, ASCII with escapes; DEL too, which JSON itself lets through."""
    json = encode_basestring_ascii(value)
    return json.replace("\x7f", "\\u007f") if "\x7f" in json else json


def quoted_latin(value: str) -> str:
    """A JSON string of text that was read as Latin-1, and may be UTF-8."""
    if value.isascii() and "\x7f" not in value:
        return encode_basestring_ascii(value)
    return quoted(text(value.encode("latin-1", "replace")))


Field = tuple[str, str, str, str, str]
"""One header line as JSON: the name in lower case, then pieces of text: `"Name"`, `"value"`, `"Name":["value"]`,
`["Name","value"]`. A bare tuple, since one is made for every line that is new."""

ODD: Field = ("\n", "", "", "", "")
"""A line that is folded or holds a bare LF, so that its head is parsed as a whole. No name can be a line end."""


def field(name: str, value: str) -> Field:
    """JSON of one field, whose texts are Latin-1."""
    name_json, value_json = quoted_latin(name), quoted_latin(value)
    return name.lower(), name_json, value_json, f"{name_json}:[{value_json}]", f"[{name_json},{value_json}]"


class Fields(dict[bytes, Field]):
    """Line of a head → its JSON. A line is remembered when it comes a second time; many never do."""

    def __init__(self) -> None:
        super().__init__()
        self._names: dict[bytes, tuple[str, str]] = {}
        self._once: set[int] = set()

    def __missing__(self, line: bytes) -> Field:
        colon = line.find(b":")
        if colon < 0 or line[0] in b" \t" or b"\n" in line:
            return ODD
        name = self._names.get(line[:colon]) or self._name(line[:colon])
        value = line[colon + 1 :].strip(b" \t")
        if value.isascii() and b"\x7f" not in value:
            json = encode_basestring_ascii(value.decode("ascii"))
        else:
            json = quoted(text(value))
        made = (name[0], name[1], json, f"{name[1]}:[{json}]", f"[{name[1]},{json}]")
        if len(line) <= REMEMBERED_LENGTH:
            key = hash(line)
            if key in self._once:
                if len(self) >= REMEMBERED_LINES:
                    self.clear()
                self[line] = made
            else:
                if len(self._once) >= REMEMBERED_LINES:
                    self._once.clear()
                self._once.add(key)
        return made

    def _name(self, raw: bytes) -> tuple[str, str]:
        """A field's name in lower case, and as JSON."""
        name = raw.rstrip(b" \t").decode("latin-1")
        made = (name.lower(), quoted_latin(name))
        if len(self._names) < REMEMBERED_LINES and len(raw) <= REMEMBERED_LENGTH:
            self._names[raw] = made
        return made

    def of(self, head: bytes) -> list[Field]:
        """The fields of a head block in wire order; its first line is passed over."""
        lines = head.split(b"\r\n")
        if len(lines) > 2 and not lines[-1] and not lines[-2] and b"\n" not in lines[0]:
            found = [self[line] for line in lines[1:-2]]
            if ODD not in found:
                return found
        return [field(name, value) for name, value in Headers.from_head(head)]


def members(fields: list[Field], keys: set[str]) -> str:
    """The inside of a JSON object: name → list of values. Names that differ only in case are one."""
    if len(keys) == len(fields):
        return ",".join([each[3] for each in fields])
    names: dict[str, str] = {}
    values: dict[str, list[str]] = {}
    for key, name, value, _, _ in fields:
        names.setdefault(key, name)
        values.setdefault(key, []).append(value)
    return ",".join([f"{name}:[{','.join(values[key])}]" for key, name in names.items()])


def keys_of(fields: list[Field]) -> set[str]:
    """The names, in lower case."""
    return {each[0] for each in fields}


def pairs(fields: list[Field]) -> str:
    """The inside of a JSON array: one `["Name","value"]` a line of the wire."""
    return ",".join([each[4] for each in fields])
