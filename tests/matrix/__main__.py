"""All pairs, and the table of what they gave: `python -m matrix [--server NAME]... [--client NAME]...`.

A cell says how many exchanges there were, over HTTP/1 and HTTP/2, TLS 1.2 and 1.3 together, of how many both readings
are equal, and how many differences are explained, which stands below the table. Some minutes of two cores.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from benchmarks.tables import table
from matrix.clients import CLIENTS, Client
from matrix.comparison import Compared
from matrix.pair import run_pair
from matrix.place import Place
from matrix.servers import SERVERS, Server, backend, serving
from matrix.site import make_site
from matrix.watched import run_watched


def main() -> int:
    """Exit status 1 when a difference is not explained."""
    parser = argparse.ArgumentParser(prog="python -m matrix")
    parser.add_argument("--server", action="append", choices=SERVERS, help="this one alone; several times for several")
    parser.add_argument("--client", action="append", choices=CLIENTS)
    parser.add_argument(
        "--watched", action="store_true", help="each client as `httpresp-tui -- CLIENT`, of nginx or --server"
    )
    parser.add_argument("--keep", type=Path, help="a new folder, where captures and keys stay")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = given.keep or Path(made)
        folder.mkdir(exist_ok=True)
        able = {name: SERVERS[name] for name in given.server or SERVERS}
        servers = [server for server in able.values() if _is_here(server.lacking(folder))]
        clients = [client for client in map(CLIENTS.__getitem__, given.client or CLIENTS) if _is_here(client.lacking())]
        if given.watched:
            return _watch(folder, servers[0], clients)
        columns = _run(folder, servers, clients)
    print(_table(clients, columns))
    every = [compared for column in columns.values() for cell in column.values() for compared in cell]
    print(f"\n{sum(one.exchanges for one in every)} exchanges, {sum(one.equal for one in every)} equal")
    for why, count in Counter(why for one in every for why in one.explained).items():
        print(f"{count} explained: {why}")
    return int(any(one.different for one in every))


Column = dict[str, list[Compared]]
"""What a server gave with each client."""


def _run(folder: Path, servers: Iterable[Server], clients: Iterable[Client]) -> dict[str, Column]:
    site = make_site(folder)
    columns: dict[str, Column] = {}
    with backend(site.files) as port:
        for server in servers:
            place = Place(folder / server.name, site, port)
            with serving(server, place):
                columns[server.name] = {client.name: _cell(server, client, place) for client in clients}
    return columns


def _watch(folder: Path, server: Server, clients: Iterable[Client]) -> int:
    site = make_site(folder)
    rows: list[list[str]] = []
    with backend(site.files) as port:
        place = Place(folder / server.name, site, port)
        with serving(server, place):
            for client in clients:
                for spoken in server.speaks:
                    if spoken.http in client.speaks:
                        seen = run_watched(client, place, spoken)
                        said = f"{len(seen.statuses)} responses" if seen.statuses else seen.reason
                        rows.append([client.name, str(spoken), said])
    print(table(["client", "speaks", "what -- shows"], rows))
    return int(any(not said for *_, said in rows))


def _cell(server: Server, client: Client, place: Place) -> list[Compared]:
    cell: list[Compared] = []
    for spoken in server.speaks:
        if spoken.http in client.speaks:
            try:
                one = run_pair(client, place, spoken)
            except AssertionError as error:
                one = Compared(0, (), (str(error),))
            for each in one.different:
                print(f"{client.name} of {server.name}, {spoken}: {each}", file=sys.stderr, flush=True)
            cell.append(one)
    return cell


def _table(clients: Iterable[Client], columns: dict[str, Column]) -> str:
    rows = [[server, *map(_written, of_client.values())] for server, of_client in columns.items()]
    return table(["", *(client.name for client in clients)], rows)


def _written(cell: list[Compared]) -> str:
    """Exchanges, equal, explained: `28/27/1`; behind that how many are not."""
    if not cell:
        return "-"
    exchanges, equal = sum(one.exchanges for one in cell), sum(one.equal for one in cell)
    explained, different = sum(len(one.explained) for one in cell), sum(len(one.different) for one in cell)
    return f"{exchanges}/{equal}/{explained}" + f" {different} ?" * bool(different)


def _is_here(why: str) -> bool:
    if why:
        print(f"left out: {why}", file=sys.stderr)
    return not why


if __name__ == "__main__":
    sys.exit(main())
