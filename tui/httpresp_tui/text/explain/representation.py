"""What a body is: its type and charset, its parts, its digests."""

from httpresp_tui.text.explain.parts import directives, joined_parts, shortened

TYPES = {
    "text/html": "a web page",
    "application/xhtml+xml": "a web page in XML",
    "text/plain": "plain text",
    "text/css": "a style sheet",
    "text/csv": "a table, comma-separated",
    "text/javascript": "a script",
    "application/javascript": "a script, by an old name (RFC 9239)",
    "application/json": "JSON",
    "application/problem+json": "an error in JSON (RFC 9457)",
    "application/x-ndjson": "JSON, a value a line",
    "application/xml": "XML",
    "text/xml": "XML",
    "application/pdf": "a PDF document",
    "application/zip": "a ZIP archive",
    "application/gzip": "a gzip file",
    "application/wasm": "WebAssembly",
    "application/grpc": "calls of gRPC",
    "application/octet-stream": "bytes of no said kind: browsers save them",
    "application/x-www-form-urlencoded": "a form's fields",
    "multipart/form-data": "a form's fields and files",
    "multipart/byteranges": "several ranges of a body",
    "multipart/x-mixed-replace": "parts that replace each other: a stream",
    "text/event-stream": "events, sent as they happen",
    "image/svg+xml": "a drawing, which may hold scripts",
    "message/http": "an HTTP message, as TRACE gives it back",
}
FAMILIES = {"image": "an image", "audio": "sound", "video": "video", "font": "a font", "text": "text"}
SUFFIXES = {"json": "JSON", "xml": "XML", "yaml": "YAML", "zip": "a ZIP archive", "cbor": "CBOR"}


def content_type(value: str) -> str:
    """Type in words, and its parameters."""
    kind = value.partition(";")[0].strip().lower()
    family, slash, subtype = kind.partition("/")
    if not slash or not subtype:
        return "no media type: browsers guess"
    named = TYPES.get(kind) or FAMILIES.get(family) or SUFFIXES.get(subtype.rpartition("+")[2])
    said = [f"{named or shortened(kind, 60)}"]
    parameters = dict(directives(value.partition(";")[2], ";"))
    if "charset" in parameters:
        said.append(f"in {shortened(parameters['charset'], 30)}")
    elif family == "text" and kind != "text/event-stream":
        said.append("no charset: readers guess")
    if "boundary" in parameters:
        said.append(f"parts are parted by {shortened(parameters['boundary'], 40)}")
    return joined_parts(said)


def content_language(value: str) -> str:
    """Whom it is for."""
    return f"for readers of {shortened(', '.join(name for name, _ in directives(value)), 80)}"


def content_location(value: str) -> str:
    """RFC 9110 §8.7."""
    return f"this very body can be had at {shortened(value.strip(), 80)}"


def digest(value: str) -> str:
    """RFC 9530: with what the body can be checked."""
    names = ", ".join(name for name, _ in directives(value))
    return f"a checksum: {shortened(names, 60)}"
