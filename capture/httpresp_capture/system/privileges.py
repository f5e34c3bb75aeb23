"""Giving up root once the sockets are open, for good.

The process becomes whoever called sudo, with that person's groups and home, without capabilities and with
no-new-privs, so that no program it starts can be more than they are. Files that follow are theirs. Call `drop` before
any thread is started, and before Scapy is imported: it keeps a cache in the home directory. And before Textual is: it
does what variables of the environment say (write a log, a screenshot, load a driver), which root must not.
"""

import ctypes
import os
import pwd
import sys

from httpresp_capture.records.record import record
from httpresp_capture.system.import_path import Places, as_person, move, places

__all__ = ["Person", "drop", "invoking_person"]

PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
MOST_CAPABILITIES = 64
CAPABILITIES_VERSION_3 = 0x20080522


@record
class Person:
    """Who called."""

    user: int
    group: int
    name: str
    """Empty for a number without an entry in the user database."""
    home: str


def invoking_person(environment: dict[str, str] | None = None) -> Person | None:
    """Who became root to start this process, by sudo, doas or pkexec; None when nobody did, or root itself."""
    known = dict(os.environ) if environment is None else environment
    for find in (_by_sudo, _by_doas, _by_pkexec):
        person = find(known)
        if person is not None:
            return person if person.user else None
    return None


def drop() -> str | None:
    """Give up root, or what capabilities there are. A sentence for the person where root is kept, else None."""
    if os.geteuid() != 0:
        _empty_bounding_set()
        _lose_capabilities()
        return None
    _forget_textual()
    person = invoking_person()
    if person is None:
        return "Running as root, and not through sudo: there is no one to become, so files written belong to root."
    hidden = _hidden_from(person)
    if hidden is None:
        where = os.path.dirname(__file__)
        return f"Still root: {person.name or person.user} may not read where this program is installed ({where})."
    _empty_bounding_set()
    _become(person)
    _lose_capabilities()
    _move_in(person)
    move(hidden)
    return None


def _by_sudo(environment: dict[str, str]) -> Person | None:
    user, group = environment.get("SUDO_UID", ""), environment.get("SUDO_GID", "")
    return _person(int(user), int(group)) if user.isdecimal() and group.isdecimal() else None


def _by_doas(environment: dict[str, str]) -> Person | None:
    try:
        entry = pwd.getpwnam(environment.get("DOAS_USER", ""))
    except KeyError:
        return None
    return _person(entry.pw_uid, entry.pw_gid)


def _by_pkexec(environment: dict[str, str]) -> Person | None:
    try:
        entry = pwd.getpwuid(int(environment.get("PKEXEC_UID", "")))
    except (KeyError, ValueError):
        return None
    return _person(entry.pw_uid, entry.pw_gid)


def _person(user: int, group: int) -> Person:
    try:
        entry = pwd.getpwuid(user)
    except KeyError:
        return Person(user=user, group=group, name="", home="/")
    return Person(user=user, group=group, name=entry.pw_name, home=entry.pw_dir)


def _become(person: Person) -> None:
    """Real, effective and saved; looked at afterwards, since going on as root unknowingly would be the worst."""
    os.setgroups(_groups(person))
    os.setgid(person.group)
    os.setuid(person.user)  # Of root, both calls set all three numbers.
    try:
        os.setuid(0)
    except PermissionError:
        return
    raise RuntimeError("root could not be given up")


def _groups(person: Person) -> list[int]:
    return os.getgrouplist(person.name, person.group) if person.name else [person.group]


def _hidden_from(person: Person) -> Places | None:
    """Directories of the import path that the person cannot enter; None where there is no way round that."""
    known = places()
    with as_person(person.user, person.group, _groups(person)):
        hidden = {path: way for path, way in known.items() if not _may_list(path)}
        lost = [path for path, way in hidden.items() if not _may_list(way)]
    for path, way in known.items():
        if lost or path not in hidden:
            os.close(int(way.rpartition("/")[2]))
    return None if lost else hidden


def _may_list(path: str) -> bool:
    try:
        os.scandir(path).close()
    except OSError:
        return False
    return True


def _empty_bounding_set() -> None:
    """What a program that is started could gain; needs CAP_SETPCAP, so it comes before all else is lost."""
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None, use_errno=True)
    for capability in range(MOST_CAPABILITIES):
        if library.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
            return  # There are no more, or we may not.


def _forget_textual() -> None:
    for name in [name for name in os.environ if name.startswith("TEXTUAL") and name != "TEXTUAL_ANIMATIONS"]:
        del os.environ[name]


def _lose_capabilities() -> None:
    """Those that a file or a service manager gave, too; setresuid has cleared those of root."""
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    library.capset(header, nothing)


def _move_in(person: Person) -> None:
    """The environment that settings, state and child processes look at."""
    roots = tuple(filter(None, (os.environ.get("HOME"), "/root", "/run/user/0")))
    os.environ["HOME"] = person.home
    if person.name:
        os.environ["USER"] = os.environ["LOGNAME"] = person.name
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"):
        place = os.environ.get(name, "")
        if place.startswith(roots) and not place.startswith(person.home + "/"):
            del os.environ[name]
    runtime = f"/run/user/{person.user}"
    if "XDG_RUNTIME_DIR" not in os.environ and os.path.isdir(runtime):
        os.environ["XDG_RUNTIME_DIR"] = runtime
