"""Set-Cookie in a line: how long the cookie lives, who may read it, where it is sent (RFC 6265bis)."""

from httpresp_capture.http.cookies import parse_set_cookie
from httpresp_tui.text.explain.parts import seconds_in_words, shortened

SAME_SITE = {
    "strict": "never from other sites",
    "lax": "from other sites only on links",
    "none": "from every site",
}


def set_cookie(value: str, at: int = 0) -> str:
    """One cookie: its life, counted from `at` (ns) where that is known, its readers, its reach."""
    cookie = parse_set_cookie(value)
    if cookie is None:
        return "no cookie: neither a name nor a value"
    said = [f'cookie "{shortened(cookie.name, 40)}"']
    age, expires = cookie.attribute("max-age"), cookie.attribute("expires")
    if age is not None:
        said.append("deletes it" if age.startswith("-") or age == "0" else f"kept {seconds_in_words(age)}")
    elif expires is not None:
        lifetime = cookie.lifetime(at) if at else None
        if lifetime is None:
            said.append("deletes it" if "1970" in expires else f"kept until {shortened(expires, 40)}")
        else:
            said.append("deletes it" if lifetime <= 0 else f"kept {seconds_in_words(str(lifetime))}")
    else:
        said.append("until the browser closes")
    said.append("hidden from scripts" if cookie.attribute("httponly") is not None else "scripts can read it")
    said.append("https only" if cookie.attribute("secure") is not None else "without https too")
    same_site = cookie.attribute("samesite")
    said.append(SAME_SITE.get((same_site or "").lower(), "SameSite left to browsers"))
    domain = cookie.attribute("domain")
    if domain:
        said.append(f"all of {shortened(domain.lstrip('.'), 60)}")
    path = cookie.attribute("path")
    if path not in (None, "", "/"):
        said.append(f"below {shortened(path, 40)}")
    if cookie.attribute("partitioned") is not None:
        said.append("one jar per embedding site")
    return " · ".join(said)
