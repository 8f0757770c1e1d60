"""The artifact of a proposal: what an adviser shows, a reviewer reads and anybody can prove (RFC-0014)."""

from engine.advisory.artifact.document import compose

__all__ = ["compose"]
