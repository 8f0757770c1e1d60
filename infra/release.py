"""The release that is deployed, which CHANGELOG.md counts as callers see it; a test ties it to the project's."""

from typing import Final

RELEASE: Final = "1.2.0"
