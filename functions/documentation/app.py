"""What anybody may see, because it holds no data: what this is and whether it is up, the API's document and its page, the review desk.

The pages ask the API with their reader's credentials.
"""

import os
from pathlib import Path
from typing import Final

from aws_lambda_powertools import Logger

from infra.documentation import carried
from infra.documentation.files import file, page, parts
from infra.documentation.landing import health, landing
from infra.http.door import door
from infra.http.messages import Handler
from infra.observability import logger
from infra.pages.colours import COLOURS
from infra.settings.container import Settings
from infra.settings.desk import UNREADABLE, SignIn, unreadable
from infra.settings.reading import Environ
from infra.system import utc_now

HERE: Final = Path(__file__).parent
DESK, DOCS = HERE / "desk", HERE / "docs"
OURS: Final = ("default-src 'none'", "script-src 'self'", "style-src 'self'")
CLOSED: Final = ("base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'")
OF_THE_DOCS: Final = (*OURS, "connect-src 'self'", "img-src 'self' data:", *CLOSED)
FRESH: Final = {"Cache-Control": "public, max-age=300"}


def of_the_desk(sign_in: SignIn | None) -> tuple[str, ...]:
    """The policy of the desk's page: it speaks the API, and the issuer where its readers sign in there."""
    return (
        *OURS,
        " ".join(("connect-src 'self'", *((sign_in.origin,) if sign_in else ()))),
        "style-src-elem 'self' 'unsafe-inline'",  # a page in its frame is under this policy too, and brings its own style
        "frame-src blob:",
        "img-src data:",
        *CLOSED,
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )


def kept_in(folder: Path) -> tuple[Path, ...]:
    """The files that a page of ours asks for."""
    return (COLOURS, *folder.glob("*.css"), *folder.glob("*.js"))


def of_variables(environ: Environ, log: Logger) -> Handler:
    """The handler of a deployment: of its variables it reads how people sign in at the desk, and nothing else. It needs no adapter."""
    sign_in = SignIn.from_environ(environ)
    if unreadable(environ):
        log.warning("settings", extra={"code": UNREADABLE})
    endpoints = {
        "landing": landing((DOCS / "landing.html").read_text(encoding="utf-8")),
        "health": health,
        "openapi": file(carried.DOCUMENT, FRESH),
        "docs": page(DOCS / "docs.html", OF_THE_DOCS),
        "docs_asset": parts((*kept_in(DOCS), *carried.viewer())),
        "desk": page(DESK / "desk.html", of_the_desk(sign_in)),
        "desk_asset": parts(kept_in(DESK), {"sign-in.json": sign_in.document() if sign_in else b"{}"}),
    }
    return door("documentation", endpoints, Settings(), utc_now, log)


handler = of_variables(os.environ, logger("documentation"))
