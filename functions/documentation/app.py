"""What anybody may see, because it holds no data: what this is and whether it is up, the API's document and its page, the review desk.

The pages ask the API with their reader's credentials.
"""

import os
from pathlib import Path
from typing import Final

from infra.documentation import carried
from infra.documentation.files import file, page, parts
from infra.documentation.landing import health, landing
from infra.http.door import door
from infra.observability import logger
from infra.pages.colours import COLOURS
from infra.settings.container import Settings
from infra.settings.desk import UNREADABLE, SignIn, unreadable
from infra.system import utc_now

HERE: Final = Path(__file__).parent
DESK, DOCS = HERE / "desk", HERE / "docs"
SIGN_IN: Final = SignIn.from_environ(os.environ)
OURS: Final = ("default-src 'none'", "script-src 'self'", "style-src 'self'")
CLOSED: Final = ("base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'")
OF_THE_DESK: Final = (
    *OURS,
    " ".join(("connect-src 'self'", *((SIGN_IN.origin,) if SIGN_IN else ()))),
    "style-src-elem 'self' 'unsafe-inline'",  # a page in its frame is under this policy too, and brings its own style
    "frame-src blob:",
    "img-src data:",
    *CLOSED,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)
OF_THE_DOCS: Final = (*OURS, "connect-src 'self'", "img-src 'self' data:", *CLOSED)
FRESH: Final = {"Cache-Control": "public, max-age=300"}


def kept_in(folder: Path) -> tuple[Path, ...]:
    """The files that a page of ours asks for."""
    return (COLOURS, *folder.glob("*.css"), *folder.glob("*.js"))


ENDPOINTS: Final = {
    "landing": landing((DOCS / "landing.html").read_text(encoding="utf-8")),
    "health": health,
    "openapi": file(carried.DOCUMENT, FRESH),
    "docs": page(DOCS / "docs.html", OF_THE_DOCS),
    "docs_asset": parts((*kept_in(DOCS), *carried.viewer())),
    "desk": page(DESK / "desk.html", OF_THE_DESK),
    "desk_asset": parts(kept_in(DESK), {"sign-in.json": SIGN_IN.document() if SIGN_IN else b"{}"}),
}
LOG: Final = logger("documentation")
if unreadable(os.environ):
    LOG.warning("settings", extra={"code": UNREADABLE})

handler = door("documentation", ENDPOINTS, Settings(), utc_now, LOG)
