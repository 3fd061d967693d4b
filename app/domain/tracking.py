"""The secret in a reporter's link: whoever has it is the reporter. It is stored nowhere in clear.

The token is derived from a random salt and the city's key, so a lost link can be made again for sending,
while neither the database alone nor the key alone gives it away.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

SALT_BYTES = 16
_TOKEN = re.compile(r"[A-Za-z0-9_\-]{32}")


def tracking_token(key: bytes, salt: bytes) -> str:
    """192 bits as 32 characters that fit into an address."""
    digest = hmac.new(key, b"tuntas:lacak:" + salt, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def token_hash(token: str) -> bytes | None:
    """What the report's row keeps of a token; None for text that can be no token."""
    return hashlib.sha256(token.encode()).digest() if _TOKEN.fullmatch(token) else None
