"""The content codings (RFC 9110 §8.4.1), one generator each: compressed blocks in, plain blocks out.

Every one hands on at most a bounded block for what it was given, so whoever pulls can stop in time. Brotli and zstd
come from libraries that need not be installed.
"""

import importlib
import zlib
from collections.abc import Callable, Iterator
from typing import Any

BLOCK = 65_536
"""A coding hands on at most so much at once."""
WINDOW = 8_388_608
"""RFC 9659 §3: a zstd window over 8 MB is not for HTTP."""


class CodingError(Exception):
    """The data are not what the coding's name says."""


class MissingLibraryError(Exception):
    """This coding is known, and its library is not installed."""


class Outcome:
    """What one coding found at the end of its data."""

    def __init__(self) -> None:
        self.finished = False
        self.after = 0
        """Bytes that follow the end of the compressed data."""


Stage = Callable[[Iterator[bytes], Outcome], Iterator[bytes]]
"""Compressed blocks in, plain blocks out."""


def inflate(blocks: Iterator[bytes], outcome: Outcome, window: int, name: str) -> Iterator[bytes]:
    """Zlib's loop for one or, with gzip (RFC 1952 §2.2), several members in a row."""
    engine = zlib.decompressobj(window)
    for block in blocks:
        data = block
        while data:
            if engine.eof:
                if window != GZIP or not b"\x1f\x8b".startswith(data[:2]):
                    outcome.after += len(data)
                    break
                engine = zlib.decompressobj(window)
            outcome.finished = False
            try:
                plain = engine.decompress(data, BLOCK)
            except zlib.error as failure:
                raise CodingError(f"{name}: {failure}") from failure
            if plain:
                yield plain
            data = engine.unused_data if engine.eof else engine.unconsumed_tail
            outcome.finished = engine.eof
    outcome.finished = engine.eof


GZIP = 31
"""zlib's number for a gzip wrapper; 15 is its own, -15 none."""


def gunzip(blocks: Iterator[bytes], outcome: Outcome) -> Iterator[bytes]:
    """RFC 1952."""
    return inflate(blocks, outcome, GZIP, "gzip")


def undeflate(blocks: Iterator[bytes], outcome: Outcome) -> Iterator[bytes]:
    """RFC 9110 §8.4.1.2 means zlib's format; some servers send the bare deflate stream, so the first bytes decide."""
    first = b""
    for block in blocks:
        first += block
        if len(first) >= 2:
            break
    is_zlib = len(first) < 2 or (first[0] & 0x0F == 8 and int.from_bytes(first[:2], "big") % 31 == 0)

    def again() -> Iterator[bytes]:
        yield first
        yield from blocks

    yield from inflate(again(), outcome, 15 if is_zlib else -15, "deflate")


def unbrotli(blocks: Iterator[bytes], outcome: Outcome) -> Iterator[bytes]:
    """RFC 7932, through Google's library."""
    brotli = library("brotli", "br")
    return unbrotli_with(brotli, blocks, outcome)


def unbrotli_with(brotli: Any, blocks: Iterator[bytes], outcome: Outcome) -> Iterator[bytes]:
    """The loop of `unbrotli`."""
    engine: Any = brotli.Decompressor()
    for block in blocks:
        if engine.is_finished():
            outcome.after += len(block)
            continue
        data = block
        while True:
            try:
                plain: bytes = engine.process(data, output_buffer_limit=BLOCK)
            except brotli.error as failure:
                raise CodingError("br: the data are no brotli stream") from failure
            if plain:
                yield plain
            data = b""
            if engine.is_finished() or engine.can_accept_more_data():
                break
        outcome.finished = bool(engine.is_finished())


ZSTD_STEP = 64
"""Input fed to zstd at once: it has no ceiling of its own, and 4 bytes can stand for a block of 128 KiB."""


def unzstd(blocks: Iterator[bytes], outcome: Outcome) -> Iterator[bytes]:
    """RFC 8878, through `zstandard`."""
    zstandard = library("zstandard", "zstd")
    return unzstd_with(zstandard, blocks, outcome)


def unzstd_with(zstandard: Any, blocks: Iterator[bytes], outcome: Outcome) -> Iterator[bytes]:
    """The loop of `unzstd`; frames may follow one another (RFC 8878 §3.1)."""
    opener: Any = zstandard.ZstdDecompressor(max_window_size=WINDOW)
    engine: Any = opener.decompressobj()
    for block in blocks:
        for at in range(0, len(block), ZSTD_STEP):
            data = block[at : at + ZSTD_STEP]
            while data:
                if engine.eof:
                    engine = opener.decompressobj()
                outcome.finished = False
                try:
                    plain: bytes = engine.decompress(data)
                except zstandard.ZstdError as failure:
                    raise CodingError(f"zstd: {str(failure)!a}") from failure
                if plain:
                    yield plain
                data = bytes(engine.unused_data) if engine.eof else b""
                outcome.finished = bool(engine.eof)


def library(module: str, coding: str) -> Any:
    """An optional module, or the sentence that says how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError as missing:
        raise MissingLibraryError(f"{coding}: install httpresp-tui[codings]") from missing


CODINGS: dict[str, Stage] = {
    "gzip": gunzip,
    "x-gzip": gunzip,  # RFC 9110 §8.4.1.3: equivalent
    "deflate": undeflate,
    "br": unbrotli,
    "zstd": unzstd,
}
"""Every coding that can be taken off."""
