"""What the documentation shows and does not hold itself: the API's document, and the viewer that draws it.

Both are found as deployed: the document beside `infra`, where the layer `viewer` puts it, the viewer's files where its package lies. Nothing of
that package's Python is imported, and the layer has none.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "openapi.json"
PACKAGE: Final = "flask_swagger_ui"
SHOWN_BY: Final = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")


def viewer() -> tuple[Path, ...]:
    """The files of Swagger UI that the page asks for. FileNotFoundError without the layer `viewer`."""
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError(PACKAGE)
    return tuple(Path(folder) / "dist" / name for folder in found.submodule_search_locations for name in SHOWN_BY)
