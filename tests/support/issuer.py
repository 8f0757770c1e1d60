"""A small issuer of tokens for browsers: an authorization endpoint that lets everybody in, and a token endpoint that is strict (RFC 7636)."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.support.browser import Answered

ISSUER: Final = "https://issuer.example"
CLIENT: Final = "review-desk"

Asked = dict[str, str]


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def unsigned(claims: Mapping[str, Any]) -> str:
    """A token that nobody need verify, for it comes from the issuer itself."""
    return ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "none"}, claims, "signature"))


@dataclass
class Issuer:
    """Lets somebody in under an access token; `redirect` and `claims` are what a test makes it say instead of the truth."""

    token: Callable[[], str]
    desk: str
    redirect: Callable[[Asked, Asked], Asked] = lambda _, answer: answer
    claims: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
    numbers: "count[int]" = field(default_factory=count)
    codes: dict[str, Asked] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    exchanged: list[Asked] = field(default_factory=list)

    def site(self, method: str, target: str, _headers: Mapping[str, str], body: bytes) -> Answered:
        path, query = urlsplit(target).path, urlsplit(target).query
        if (method, path) == ("GET", "/authorize"):
            return self._authorized(dict(parse_qsl(query, strict_parsing=True)))
        assert (method, path) == ("POST", "/token"), target
        return self._exchanged(dict(parse_qsl(body.decode(), strict_parsing=True)))

    def _authorized(self, asked: Asked) -> Answered:
        self.asked.append(asked)
        assert asked["redirect_uri"] == self.desk
        code = f"code-{next(self.numbers)}"
        self.codes[code] = asked
        answer = self.redirect(asked, {"code": code, "state": asked["state"]})
        return 302, [("Location", f"{asked['redirect_uri']}?{urlencode(answer)}")], b""

    def _exchanged(self, sent: Asked) -> Answered:
        self.exchanged.append(sent)
        asked = self.codes.pop(sent["code"], None)  # once
        open_to_desk = [
            ("Content-Type", "application/json"),
            ("Access-Control-Allow-Origin", "https://desk.example"),
            ("Cache-Control", "no-store"),
        ]
        if asked is None or not self._same_client(asked, sent):
            return 400, open_to_desk, b'{"error":"invalid_grant"}'
        told = self.claims({"iss": ISSUER, "aud": CLIENT, "nonce": asked["nonce"], "sub": "somebody"})
        document = {"access_token": self.token(), "token_type": "Bearer", "expires_in": 3600, "id_token": unsigned(told)}
        return 200, open_to_desk, json.dumps(document).encode()

    @staticmethod
    def _same_client(asked: Asked, sent: Asked) -> bool:
        challenge = base64url(sha256(sent["code_verifier"].encode()).digest())
        same = all(sent[name] == asked[name] for name in ("client_id", "redirect_uri"))
        return (
            same
            and sent["grant_type"] == "authorization_code"
            and (asked["code_challenge_method"], challenge) == ("S256", asked["code_challenge"])
        )
