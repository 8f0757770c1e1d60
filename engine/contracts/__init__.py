"""The wire contract: requests in, results out."""

from engine.contracts.options import EngineOptions, TargetMethod, ValuationMode
from engine.contracts.requests import RebalanceRequest, parse_options, parse_request
from engine.contracts.violations import InvalidRequest, Violation

__all__ = [
    "EngineOptions",
    "InvalidRequest",
    "RebalanceRequest",
    "TargetMethod",
    "ValuationMode",
    "Violation",
    "parse_options",
    "parse_request",
]
