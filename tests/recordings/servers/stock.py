"""A service of gRPC, and what its clients ask: one script for both, so that what is said stands in one place.

    python stock.py serve ADDRESS         python stock.py ask ADDRESS

Needs grpcio, which nothing else here does.
"""

import sys
from importlib import import_module
from typing import Any

grpc: Any = import_module("grpc")
SERVICE, PORT = "shop.v1.Stock", 50051


def _number(field: int, value: int) -> bytes:
    """A field of protobuf that is a small number."""
    return bytes((field << 3, value))


def get(request: bytes, context: Any) -> bytes:
    """How many there are; some are unknown, and one is kept by a store that is away."""
    item = request[1]
    if item == 40:
        context.abort(grpc.StatusCode.NOT_FOUND, "no item 40: was it renamed?")
    if item == 50:
        context.abort(grpc.StatusCode.UNAVAILABLE, "store 7 is away, try later")
    return _number(1, item) + _number(2, item * 7 % 100) + b"in the second row " * 3


def watch(request: bytes, _context: Any) -> Any:
    """The same five times."""
    for count in range(5):
        yield _number(1, request[1]) + _number(2, count)


def serve(address: str) -> None:
    """Until it is ended."""
    from concurrent.futures import ThreadPoolExecutor

    server = grpc.server(ThreadPoolExecutor(4))
    table = {"Get": grpc.unary_unary_rpc_method_handler(get), "Watch": grpc.unary_stream_rpc_method_handler(watch)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, table),))
    server.add_insecure_port(f"{address}:{PORT}")
    server.start()
    server.wait_for_termination()


def ask(address: str) -> None:
    """Three items that are there, one that is not, one that is away, and one that is watched; prints how each ended."""
    with grpc.insecure_channel(f"{address}:{PORT}") as channel:
        one, many = channel.unary_unary(f"/{SERVICE}/Get"), channel.unary_stream(f"/{SERVICE}/Watch")
        for item in (1, 2, 40, 3, 50):
            try:
                one(_number(1, item))
                print("Get", 0, "")
            except grpc.RpcError as error:
                call: Any = error
                print("Get", call.code().value[0], call.details())
        messages = len(list(many(_number(1, 3))))
        print("Watch", 0, messages)


if __name__ == "__main__":
    {"serve": serve, "ask": ask}[sys.argv[1]](sys.argv[2])
