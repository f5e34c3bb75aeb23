"""Real servers and real clients, by TLS: what we read live is what tshark reads of the packets that we kept.

Each server with curl, each client with nginx, and a pair that resumes; `python -m matrix` runs every pair.
"""

from collections.abc import Iterator

import pytest

from capturing import needs_capture
from httpresp_capture.records.exchange import Response
from httpresp_capture.records.outcome import EndReason
from matrix.clients import CLIENTS
from matrix.comparison import RENEWED, compared
from matrix.dissection import Exchange
from matrix.pair import run_pair
from matrix.place import Place, Spoken, helper, program
from matrix.servers import SERVERS, Server, backend, serving
from matrix.site import Site, make_site
from matrix.watched import WITHOUT_KEYS, run_watched
from samples import response

NGINX, CURL = "nginx", "curl"
PAIRS = [
    *((name, CURL) for name in SERVERS),
    *((NGINX, name) for name in CLIENTS if name != CURL),
    ("Caddy", "Node fetch"),  # Renews a ticket that is used, and writes no key of the resumed connection.
]
MODERN = {"h1": Spoken("h1", "1.2"), "h2": Spoken("h2", "1.3")}
"""Of clients other than curl one is tried here: the newest that it speaks."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return make_site(tmp_path_factory.mktemp("matrix"))


@pytest.fixture(scope="module")
def behind(site: Site) -> Iterator[int]:
    with backend(site.files) as port:
        yield port


@pytest.fixture(scope="module")
def place(
    request: pytest.FixtureRequest, site: Site, behind: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Place]]:
    """A server that runs for all its pairs."""
    server = SERVERS[request.param]
    folder = tmp_path_factory.mktemp("servers")
    folder.chmod(0o755)
    if why := server.lacking(folder):
        pytest.skip(why)
    where = Place(folder / server.name, site, behind)
    with serving(server, where):
        yield server, where


def theirs(row: Response, body: int) -> Exchange:
    return Exchange(row.flow.client_port, row.stream, row.status, tuple(row.headers), body)


def test_what_is_equal_is_counted_and_what_is_not_is_shown() -> None:
    row = response()
    assert compared([row], [theirs(row, row.body_bytes)]).equal == 1
    longer = compared([row], [theirs(row, row.body_bytes + 1)])
    assert (longer.equal, longer.explained, len(longer.different)) == (0, (), 1)
    assert len(compared([], [theirs(row, 0)]).different) == len(compared([row], []).different) == 1


def test_what_tshark_is_known_to_do_is_explained_and_nothing_else() -> None:
    reset = response(end=EndReason.CLIENT_RESET)
    assert len(compared([reset], [theirs(reset, reset.body_bytes + 1)]).explained) == 1
    assert len(compared([reset], [theirs(reset, reset.body_bytes - 1)]).different) == 1
    assert len(compared([response(end=EndReason.CLIENT_RST)], []).explained) == 1


def test_what_tshark_reads_once_it_has_the_line_of_a_renewed_ticket_is_explained_where_it_is_the_same() -> None:
    row = response()
    assert compared([row], [], [theirs(row, row.body_bytes)]).explained == (RENEWED,)
    assert len(compared([row], [], [theirs(row, row.body_bytes + 1)]).different) == 1
    assert len(compared([row], [theirs(row, 1)], [theirs(row, row.body_bytes)]).different) == 1


@pytest.mark.slow
@needs_capture
@pytest.mark.skipif(program("tshark") is None, reason="tshark is not installed")
@pytest.mark.parametrize(("place", "client"), PAIRS, indirect=["place"])
def test_each_exchange_is_what_tshark_reads(place: tuple[Server, Place], client: str) -> None:
    server, where = place
    if why := CLIENTS[client].lacking():
        pytest.skip(why)
    asked = server.speaks if client == CURL else [MODERN[max(CLIENTS[client].speaks)]]
    for spoken in asked:
        found = run_pair(CLIENTS[client], where, spoken)
        assert not found.different, f"{spoken}: {found.different}"


@pytest.mark.slow
@needs_capture
@pytest.mark.parametrize(
    ("place", "client"),
    [(NGINX, name) for name in ("curl", "nghttp", "Node fetch", "grpcio", "Go")],
    indirect=["place"],
)
def test_a_command_shows_what_it_asks_or_why_not(place: tuple[Server, Place], client: str) -> None:
    """By each way to ask for keys: the variable, the library that is loaded, Node's option; and two that write none."""
    _, where = place
    if why := CLIENTS[client].lacking():
        pytest.skip(why)
    if client == "nghttp" and helper(where.folder.parent) is None:
        pytest.skip("nghttp: writes no keys without a C compiler")
    seen = run_watched(CLIENTS[client], where, MODERN[max(CLIENTS[client].speaks)])
    if client in WITHOUT_KEYS:
        assert (seen.statuses, bool(seen.reason)) == ((), True), seen.summary
    else:
        assert len(seen.statuses) == CLIENTS[client].asks, seen.summary
