"""Signed addresses of the emulator's buckets, which lie in this process: answers name this server instead, and here they lead into them."""

import re
from collections.abc import Collection
from typing import Final

import requests

from infra.local.gateway import Answer, Pairs

OBJECTS: Final = "/objects/"
_SIGNED: Final = re.compile(rb"https://([a-z0-9.-]+?)\.s3(?:\.[a-z0-9-]+)?\.amazonaws\.com/")
_SECONDS: Final = 30
_CARRIED: Final = frozenset({"content-type", "etag"})


def named_here(answer: Answer, host: str) -> Answer:
    """The answer, whose addresses of buckets lead to this server."""
    here = b"http://%b%b" % (host.encode(), OBJECTS.encode())
    return Answer(answer.status, answer.headers, _SIGNED.sub(rb"%b\1/" % here, answer.body))


def object_at(method: str, target: str, headers: Pairs, body: bytes, buckets: Collection[str]) -> Answer | None:
    """What the emulator says at such an address; None for every other target, and for buckets that are none of the stack's."""
    bucket, _, rest = target.removeprefix(OBJECTS).partition("/")
    if not target.startswith(OBJECTS) or bucket not in buckets or method not in {"GET", "POST"}:
        return None
    sent = {name: value for name, value in headers if name.lower() == "content-type"}
    told = requests.request(method, f"https://{bucket}.s3.amazonaws.com/{rest}", headers=sent, data=body, timeout=_SECONDS)
    kept = [(name, value) for name, value in told.headers.items() if name.lower() in _CARRIED]
    return Answer(told.status_code, kept, told.content)
