"""What a controller's own site does: it signs who is signed in."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import jwt

SECRET = "a secret that only the site and habeas share, as long as SHA-512 would like"
_count = [0]


def token(now: datetime | None = None, key: Any = SECRET, algorithm: str = "HS256", **changed: Any) -> str:
    """Return a token as a host page's server makes it; a claim changed to None is left out."""
    seconds = int(now.timestamp()) if now else int(time.time())
    _count[0] += 1
    claims = {
        "sub": "4711", "email": "ann@example.org", "name": "Ann Ash", "aud": "axigen", "iat": seconds,
        "exp": seconds + 600, "jti": f"token-{_count[0]:06}",
    }  # fmt: skip
    claims = {name: value for name, value in (claims | changed).items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm)
