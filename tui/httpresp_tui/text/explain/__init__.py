"""A header field taken apart and said in a line or two, offline.

Tables by a field's name, and nothing else lists them: `EXPLANATIONS` reads the value alone, `IN_RESPONSE` looks at the
response around it too, `IN_REQUEST` is for requests, and `FIXED` has fields that need no look at their value. What a
function cannot say anything useful about it leaves alone. The words quote the wire, so they go to the screen through
`printable`.
"""

from collections.abc import Callable

from httpresp_capture.records.exchange import Response
from httpresp_tui.text.explain import (
    asked,
    caching,
    common,
    cookies,
    cors,
    exchange,
    links,
    policies,
    representation,
    tracing,
    way,
)
from httpresp_tui.text.explain.asked import REQUEST_FIXED
from httpresp_tui.text.explain.fixed import FIXED
from httpresp_tui.text.explain.parts import MOST, SEPARATOR, joined_parts

EXPLANATIONS: dict[str, Callable[[str], str]] = {
    "set-cookie": cookies.set_cookie,
    "cache-control": caching.cache_control,
    "cdn-cache-control": caching.cdn_cache_control,
    "surrogate-control": caching.cdn_cache_control,
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
    "feature-policy": policies.feature_policy,
    "cross-origin-opener-policy": policies.isolation,
    "cross-origin-embedder-policy": policies.isolation,
    "cross-origin-resource-policy": policies.isolation,
    "access-control-allow-origin": cors.allow_origin,
    "access-control-allow-credentials": cors.allow_credentials,
    "access-control-allow-methods": cors.allow_methods,
    "access-control-allow-headers": cors.allow_headers,
    "access-control-expose-headers": cors.expose_headers,
    "access-control-max-age": cors.max_age,
    "content-type": representation.content_type,
    "content-language": representation.content_language,
    "content-location": representation.content_location,
    "content-digest": representation.digest,
    "repr-digest": representation.digest,
    "digest": representation.digest,
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
    "server": way.server,
    "x-powered-by": way.powered_by,
    "x-generator": way.powered_by,
    "via": way.via,
    "x-cache": way.x_cache,
    "x-cache-status": way.x_cache,
    "x-proxy-cache": way.x_cache,
    "cf-cache-status": way.x_cache,
    "x-cache-hits": way.x_cache_hits,
    "cache-status": way.cache_status,
    "traceparent": tracing.traceparent,
    "x-response-time": tracing.milliseconds,
    "x-runtime": tracing.milliseconds,
    "ratelimit": tracing.rate_limit,
    "ratelimit-policy": tracing.rate_policy,
    "ratelimit-limit": tracing.limit,
    "ratelimit-remaining": tracing.remaining,
    "ratelimit-reset": tracing.reset,
    "x-ratelimit-limit": tracing.limit,
    "x-ratelimit-remaining": tracing.remaining,
    "x-ratelimit-reset": tracing.reset,
    "x-rate-limit-limit": tracing.limit,
    "x-rate-limit-remaining": tracing.remaining,
    "x-rate-limit-reset": tracing.reset,
    "link": links.link,
    "allow": links.allow,
    "upgrade": links.upgrade,
    "refresh": links.refresh,
    "x-robots-tag": links.robots,
}
"""Field name in lower case: what says its value in words."""

IN_RESPONSE: dict[str, Callable[[str, Response], str]] = {
    "content-length": exchange.content_length,
    "date": exchange.date,
    "expires": exchange.expires,
    "last-modified": exchange.last_modified,
    "location": exchange.location,
    "retry-after": exchange.retry_after,
    "set-cookie": lambda value, response: cookies.set_cookie(value, response.at),
}
"""The same of those that need the response around them."""

IN_REQUEST: dict[str, Callable[[str], str]] = {
    "authorization": asked.authorization,
    "cache-control": asked.asked_caching,
    "content-encoding": common.content_encoding,
    "content-type": representation.content_type,
    "cookie": asked.cookie,
    "proxy-authorization": asked.authorization,
    "range": asked.asked_range,
    "traceparent": tracing.traceparent,
    "transfer-encoding": common.transfer_encoding,
    "upgrade": links.upgrade,
    "via": way.via,
    "x-forwarded-for": way.forwarded_for,
}
"""Those of a request."""


def explain(name: str, value: str, response: Response | None = None) -> str:
    """The value of a response's field in words, the response being at hand or not; empty where there is nothing to
    say."""
    low, value = name.lower(), value[: MOST * 10]
    if response is not None and low in IN_RESPONSE:
        return _bounded(IN_RESPONSE[low](value, response))
    explanation = EXPLANATIONS.get(low)
    return _bounded(explanation(value)) if explanation is not None else FIXED.get(low, "")


def explain_asked(name: str, value: str) -> str:
    """The same of a request's field."""
    low = name.lower()
    explanation = IN_REQUEST.get(low)
    return _bounded(explanation(value[: MOST * 10])) if explanation is not None else REQUEST_FIXED.get(low, "")


def _bounded(words: str) -> str:
    """No more than two rows say."""
    return joined_parts(words.split(SEPARATOR)) if words else ""
