"""A header field taken apart and said in one line, offline.

`EXPLANATIONS` is the whole of it: a field's name to the function that reads its value. What a function cannot say
anything useful about it leaves alone. The line quotes the wire, so it goes to the screen through `printable`.
"""

from collections.abc import Callable

from httpresp_tui.text.explain import caching, common, cookies, cors, policies
from httpresp_tui.text.explain.parts import MOST

EXPLANATIONS: dict[str, Callable[[str], str]] = {
    "set-cookie": cookies.set_cookie,
    "cache-control": caching.cache_control,
    "age": caching.age,
    "vary": caching.vary,
    "etag": caching.etag,
    "expires": caching.expires,
    "pragma": caching.pragma,
    "content-security-policy": policies.content_security_policy,
    "content-security-policy-report-only": policies.report_only,
    "strict-transport-security": policies.strict_transport_security,
    "x-frame-options": policies.x_frame_options,
    "x-content-type-options": policies.x_content_type_options,
    "x-xss-protection": policies.x_xss_protection,
    "referrer-policy": policies.referrer_policy,
    "permissions-policy": policies.permissions_policy,
    "cross-origin-opener-policy": policies.isolation,
    "cross-origin-embedder-policy": policies.isolation,
    "cross-origin-resource-policy": policies.isolation,
    "access-control-allow-origin": cors.allow_origin,
    "access-control-allow-credentials": cors.allow_credentials,
    "access-control-allow-methods": cors.allow_methods,
    "access-control-allow-headers": cors.allow_headers,
    "access-control-expose-headers": cors.expose_headers,
    "access-control-max-age": cors.max_age,
    "content-encoding": common.content_encoding,
    "transfer-encoding": common.transfer_encoding,
    "connection": common.connection,
    "keep-alive": common.keep_alive,
    "retry-after": common.retry_after,
    "content-range": common.content_range,
    "content-disposition": common.content_disposition,
    "www-authenticate": common.www_authenticate,
    "proxy-authenticate": common.www_authenticate,
    "accept-ranges": common.accept_ranges,
    "alt-svc": common.alt_svc,
    "server-timing": common.server_timing,
    "clear-site-data": common.clear_site_data,
}
"""Field name in lower case: what says its value in words."""


def explain(name: str, value: str) -> str:
    """The value in words; empty where there is nothing to say."""
    explanation = EXPLANATIONS.get(name.lower())
    if explanation is None:
        return ""
    return explanation(value if len(value) <= MOST * 10 else value[: MOST * 10])
