"""What caches may do with a response, in a line or two: who keeps it, for how long, how much of that is left."""

from httpresp_capture.http.caching import Basis, Keeper, Lifetime, Verdict
from httpresp_tui.text.explain.parts import joined_parts, seconds_in_words

KEEPERS = {
    Keeper.NOBODY: "no cache may keep it",
    Keeper.PRIVATE: "browsers may keep it, shared caches not",
    Keeper.SHARED: "any cache may keep it",
}


def verdict_in_words(verdict: Verdict) -> str:
    """The most important first; what has no room is left out."""
    said = [f"{KEEPERS[verdict.keeper]}: {verdict.why} ({verdict.section})"]
    if verdict.keeper is Keeper.NOBODY:
        return joined_parts(said)
    if verdict.any_vary:
        return joined_parts([*said, "but Vary: * lets it answer no other request (RFC 9111 §4.1)"])
    if verdict.always_checked:
        return joined_parts([*said, "checked with the server before each use: no-cache", *_checks(verdict)])
    said.append(_freshness(verdict))
    said += _left(verdict)
    return joined_parts([*said, *_stale(verdict), *_checks(verdict)])


def _freshness(verdict: Verdict) -> str:
    own, shared = verdict.lifetime, verdict.shared_lifetime
    if verdict.keeper is Keeper.SHARED and own != shared:
        return f"{_lifetime(shared)}, in browsers {_lifetime(own)}"
    return _lifetime(own)


def _lifetime(lifetime: Lifetime) -> str:
    seconds = lifetime.seconds
    if seconds is None:
        return "no lifetime is given: each cache decides"
    if seconds == 0:
        why = f"{lifetime.basis} is {lifetime.flaw}" if lifetime.flaw else lifetime.basis
        return f"stale at once ({why})"
    basis = "guessed: a tenth of its age" if lifetime.basis is Basis.HEURISTIC else lifetime.basis
    return f"fresh for {seconds_in_words(str(seconds))} ({basis})"


def _left(verdict: Verdict) -> list[str]:
    """How old it came."""
    left = verdict.fresh_for
    if not verdict.age or not left:
        return []
    old = f"came {seconds_in_words(str(verdict.age))} old"
    return [f"{old}, {seconds_in_words(str(left))} left" if left > 0 else f"{old}, stale"]


def _stale(verdict: Verdict) -> list[str]:
    said = ["no reload asks for it while it is fresh"] if verdict.immutable else []
    if verdict.never_stale or (verdict.never_stale_shared and verdict.keeper is Keeper.SHARED):
        return [*said, "never used stale" if verdict.never_stale else "never used stale by shared caches"]
    if verdict.while_revalidating:
        said.append(f"then {seconds_in_words(str(verdict.while_revalidating))} more while it is fetched")
    if verdict.on_error:
        said.append(f"{seconds_in_words(str(verdict.on_error))} more if the server fails")
    return said


def _checks(verdict: Verdict) -> list[str]:
    by = " and ".join(verdict.validators)
    return [f"checked by {by}" if by else "nothing to check it by"]
