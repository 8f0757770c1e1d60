"""Endpoints that answer with files: one, or those of a folder by their names."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from engine.usecases.refusals import Code, Refused
from infra.http.assets import Asset
from infra.http.endpoints import Endpoint, Request
from infra.http.messages import Response
from infra.http.query import path_parameter

NOBODYS: Final = {
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",  # tokens are typed here: a browser that came once comes by TLS for a year (RFC 6797)
}


def page(path: Path, policy: Iterable[str]) -> Endpoint:
    """A page under a policy that says what it may load."""
    return file(path, {"Content-Security-Policy": "; ".join(policy), **NOBODYS})


def file(path: Path, headers: Mapping[str, str]) -> Endpoint:
    """One file; every answer has these headers."""
    asset = Asset.of(path, headers)
    return lambda request: asset.answer(request.headers)


def parts(paths: Iterable[Path], made: Mapping[str, bytes] | None = None) -> Endpoint:
    """The file that the path names, or what is `made` in place of one; every other name is none."""
    assets = {path.name: Asset.of(path, {}) for path in paths}
    assets |= {name: Asset.made(body, Path(name).suffix, {}) for name, body in (made or {}).items()}

    def part(request: Request) -> Response:
        found = assets.get(path_parameter(request.event, "asset"))
        if found is None:
            raise Refused(Code.NOT_FOUND)
        return found.answer(request.headers)

    return part
