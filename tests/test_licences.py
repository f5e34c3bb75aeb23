"""What runs in the process with Scapy, which is GPL-2.0-only, has a licence that fits."""

import re
from importlib.metadata import Distribution, distribution
from typing import Any

import pytest
from packaging.requirements import Requirement

FITTING = re.compile(r"MIT|BSD|ISC|MPL|GPL|PSF|Python Software Foundation|Zlib|Unlicense|CC0|HPND", re.IGNORECASE)
"""Words of licences under which a library may be part of a program under GPL-2.0. Apache-2.0 alone does not fit."""
EXTRAS = {"codings", "parquet"}


def needed(name: str, extras: set[str], known: dict[str, Distribution]) -> None:
    """All that is installed for a package, itself included."""
    found = distribution(name)
    if found.name in known:
        return
    known[found.name] = found
    for text in found.requires or ():
        requirement = Requirement(text)
        chosen = [{"extra": extra} for extra in extras or {""}]
        if requirement.marker is None or any(requirement.marker.evaluate(each) for each in chosen):
            needed(requirement.name, set(requirement.extras), known)


def everything() -> dict[str, Distribution]:
    known: dict[str, Distribution] = {}
    needed("httpresp-tui", EXTRAS, known)
    return known


def licence_of(found: Distribution) -> str:
    """What a package says of it; of a long text the first line."""
    told: dict[str, Any] = found.metadata.json
    classifiers = [each for each in told.get("classifier", ()) if each.startswith("License ::")]
    plain = str(told.get("license", "")).strip().split("\n")[0]
    expression = str(told.get("license_expression", ""))
    return expression or " / ".join(classifiers) or plain


@pytest.mark.parametrize("name", sorted(everything()))
def test_a_library_in_the_process_has_a_licence_that_fits(name: str) -> None:
    licence = licence_of(everything()[name])
    alternatives = re.split(r"\bOR\b|/", licence)
    assert any(FITTING.search(each) for each in alternatives), f"{name}: {licence}"


def test_a_licence_that_does_not_fit_is_seen() -> None:
    assert not FITTING.search("Apache-2.0")
    assert not FITTING.search("License :: OSI Approved :: Apache Software License")
