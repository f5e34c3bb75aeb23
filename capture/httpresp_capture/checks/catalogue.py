"""Every check, a line each, in the order of the catalogue: see `records.table`."""

# ruff: noqa: F401, I001
# pyright: reportUnusedImport=false
from httpresp_capture.checks.finding import Check
from httpresp_capture.records.table import entries

# error messages
from httpresp_capture.checks.err_trace import CHECK as err_trace
from httpresp_capture.checks.err_sql import CHECK as err_sql
from httpresp_capture.checks.err_debug import CHECK as err_debug
from httpresp_capture.checks.err_listing import CHECK as err_listing
from httpresp_capture.checks.err_internal import CHECK as err_internal

# cookies
from httpresp_capture.checks.ck_clear import CHECK as ck_clear
from httpresp_capture.checks.ck_secure import CHECK as ck_secure
from httpresp_capture.checks.ck_httponly import CHECK as ck_httponly
from httpresp_capture.checks.ck_samesite import CHECK as ck_samesite
from httpresp_capture.checks.ck_prefix import CHECK as ck_prefix
from httpresp_capture.checks.ck_scope import CHECK as ck_scope
from httpresp_capture.checks.ck_url import CHECK as ck_url

# access
from httpresp_capture.checks.au_basic import CHECK as au_basic
from httpresp_capture.checks.au_challenge import CHECK as au_challenge
from httpresp_capture.checks.au_cache import CHECK as au_cache
from httpresp_capture.checks.au_token import CHECK as au_token
from httpresp_capture.checks.au_trace import CHECK as au_trace

# what headers protect
from httpresp_capture.checks.co_creds import CHECK as co_creds
from httpresp_capture.checks.co_reflect import CHECK as co_reflect
from httpresp_capture.checks.co_vary import CHECK as co_vary
from httpresp_capture.checks.csp_missing import CHECK as csp_missing
from httpresp_capture.checks.csp_weak import CHECK as csp_weak
from httpresp_capture.checks.frame import CHECK as frame
from httpresp_capture.checks.hsts import CHECK as hsts
from httpresp_capture.checks.plain_doc import CHECK as plain_doc
from httpresp_capture.checks.redir_down import CHECK as redir_down
from httpresp_capture.checks.nosniff import CHECK as nosniff

# versions
from httpresp_capture.checks.ver_server import CHECK as ver_server
from httpresp_capture.checks.ver_tech import CHECK as ver_tech

# the connection
from httpresp_capture.checks.tls_version import CHECK as tls_version
from httpresp_capture.checks.tls_suite import CHECK as tls_suite
from httpresp_capture.checks.tls_cert import CHECK as tls_cert
from httpresp_capture.checks.tls_plain import CHECK as tls_plain

# types, splitting, framing
from httpresp_capture.checks.ct_missing import CHECK as ct_missing
from httpresp_capture.checks.ct_mismatch import CHECK as ct_mismatch
from httpresp_capture.checks.split import CHECK as split
from httpresp_capture.checks.framing import CHECK as framing
from httpresp_capture.checks.inject import CHECK as inject

# only when asked for
from httpresp_capture.checks.refpol import CHECK as refpol
from httpresp_capture.checks.isolate import CHECK as isolate
from httpresp_capture.checks.depr import CHECK as depr
from httpresp_capture.checks.reflect import CHECK as reflect
from httpresp_capture.checks.openredir import CHECK as openredir
from httpresp_capture.checks.bomb import CHECK as bomb

CHECKS: tuple[Check, ...] = entries(__name__, Check)
