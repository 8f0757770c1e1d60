"""Whether what is proposed suits the client and the bank's limits: issues, and who must look at them (RFC-0014)."""

from engine.advisory.suitability.issues import Issue
from engine.advisory.suitability.scanner import Suitability, scan

__all__ = ["Issue", "Suitability", "scan"]
