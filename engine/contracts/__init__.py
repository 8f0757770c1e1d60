"""The wire contract: requests in, results out. The models are built when the first of them is asked for."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from engine.contracts.violations import InvalidRequest, Violation

if TYPE_CHECKING:
    from engine.contracts.choices import TargetMethod, ValuationMode
    from engine.contracts.options.rebalance import EngineOptions
    from engine.contracts.requests import RebalanceRequest, parse_options, parse_request

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

_BUILT_LATE: Final = {
    "EngineOptions": "engine.contracts.options.rebalance",
    "RebalanceRequest": "engine.contracts.requests",
    "TargetMethod": "engine.contracts.choices",
    "ValuationMode": "engine.contracts.choices",
    "parse_options": "engine.contracts.requests",
    "parse_request": "engine.contracts.requests",
}

if not TYPE_CHECKING:  # a type checker sees the imports above, and misses no misspelling

    def __getattr__(name: str) -> Any:
        """Import a model at its first use (PEP 562): building them takes longer than a look-up of a run."""
        if name not in _BUILT_LATE:
            raise AttributeError(name)
        return getattr(import_module(_BUILT_LATE[name]), name)
