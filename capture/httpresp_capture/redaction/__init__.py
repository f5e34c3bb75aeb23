"""Secrets leave as tags that keep equality: `‹cookie 32B #a91f›`.

What is hidden, wherever it stands (heads, trailers, targets, bodies, details of problems, bytes that came twice,
evidence of findings, names of routes):

- values of fields, cookies, query and form keys, JSON members, attributes and path segments whose *name* says that they
  are secret: `names`;
- text that is a secret by its own *shape*: JSON Web Tokens, the user part of a URL, keys of known vendors: `shapes`;
- whatever of these was found in one place of a response, in all other places of it: `Redactor.knowing`.

The same secret has the same tag for a whole run, so "the same session as before" can still be seen; the salt is made
anew for each run and kept nowhere, so a tag cannot be looked up or compared with that of another run. No part of a
secret is shown. Names, attributes and lengths stay, and so do ids, hashes of assets and numbers of errors: a secret in
a place of its own, with no name beside it and no shape that is known, is not found.
"""

from httpresp_capture.redaction.redactor import Redactor
from httpresp_capture.redaction.tags import is_telling
from httpresp_capture.redaction.text import target_without_secrets, without_secrets, without_secrets_of_body

__all__ = ["Redactor", "is_telling", "target_without_secrets", "without_secrets", "without_secrets_of_body"]
