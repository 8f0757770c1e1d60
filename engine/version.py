"""The version of the decisions: it changes whenever a golden outcome changes, and a test ties the two."""

from typing import Final

ENGINE_VERSION: Final = "1.2.1"
