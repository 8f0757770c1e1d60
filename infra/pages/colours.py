"""The colours that pages and the review desk have in common."""

from pathlib import Path
from typing import Final

COLOURS: Final = Path(__file__).parent / "templates" / "colours.css"
