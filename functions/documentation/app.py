"""The review desk: one page with its style and its scripts. None of them holds data: the page asks the API with its reader's credentials."""

from pathlib import Path
from typing import Final

from engine.usecases.refusals import Code, Refused
from infra.http.assets import Asset
from infra.http.door import door
from infra.http.endpoints import Request
from infra.http.messages import Response
from infra.http.query import path_parameter
from infra.observability import logger
from infra.pages.colours import COLOURS
from infra.settings.container import Settings
from infra.system import utc_now

DESK: Final = Path(__file__).parent / "desk"
POLICY: Final = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "style-src-elem 'self' 'unsafe-inline'",  # a page in its frame is under this policy too, and brings its own style
    "connect-src 'self'",
    "frame-src blob:",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)
SAFE: Final = {"Content-Security-Policy": "; ".join(POLICY), "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin"}

PAGE: Final = Asset.of(DESK / "desk.html", SAFE)
PARTS: Final = {path.name: Asset.of(path, {}) for path in (COLOURS, *DESK.glob("*.css"), *DESK.glob("*.js"))}


def page(request: Request) -> Response:
    """The page."""
    return PAGE.answer(request.headers)


def part(request: Request) -> Response:
    """One of the files that the page asks for; every other name is none."""
    found = PARTS.get(path_parameter(request.event, "asset"))
    if found is None:
        raise Refused(Code.NOT_FOUND)
    return found.answer(request.headers)


handler = door("documentation", {"desk": page, "desk_asset": part}, Settings(), utc_now, logger("documentation"))
