"""The API's routes: every path template with its methods. The deployment template must agree, which a test checks."""

from collections.abc import Mapping
from typing import Final

ROUTES: Final[Mapping[str, frozenset[str]]] = {
    "/rebalance/simulate": frozenset({"POST"}),
    "/rebalance/analyze": frozenset({"POST"}),
    "/rebalance/analyze/async": frozenset({"POST"}),
    "/rebalance/operations": frozenset({"GET"}),
    "/rebalance/operations/{operation_id}": frozenset({"GET"}),
    "/rebalance/operations/by-correlation/{correlation_id}": frozenset({"GET"}),
    "/rebalance/operations/{operation_id}/execute": frozenset({"POST"}),
    "/rebalance/policies/effective": frozenset({"GET"}),
    "/rebalance/policies/catalog": frozenset({"GET"}),
    "/rebalance/policies/catalog/{policy_pack_id}": frozenset({"GET", "PUT", "DELETE"}),
    "/rebalance/runs": frozenset({"GET"}),
    "/rebalance/runs/{rebalance_run_id}": frozenset({"GET"}),
    "/rebalance/runs/by-correlation/{correlation_id}": frozenset({"GET"}),
    "/rebalance/runs/by-request-hash/{request_hash}": frozenset({"GET"}),
    "/rebalance/runs/idempotency/{idempotency_key}": frozenset({"GET"}),
    "/rebalance/runs/{rebalance_run_id}/workflow": frozenset({"GET"}),
    "/rebalance/runs/{rebalance_run_id}/workflow/history": frozenset({"GET"}),
    "/rebalance/runs/{rebalance_run_id}/workflow/actions": frozenset({"POST"}),
    "/rebalance/runs/by-correlation/{correlation_id}/workflow": frozenset({"GET"}),
    "/rebalance/runs/by-correlation/{correlation_id}/workflow/history": frozenset({"GET"}),
    "/rebalance/runs/by-correlation/{correlation_id}/workflow/actions": frozenset({"POST"}),
    "/rebalance/runs/idempotency/{idempotency_key}/workflow": frozenset({"GET"}),
    "/rebalance/runs/idempotency/{idempotency_key}/workflow/history": frozenset({"GET"}),
    "/rebalance/runs/idempotency/{idempotency_key}/workflow/actions": frozenset({"POST"}),
    "/rebalance/runs/{rebalance_run_id}/artifact": frozenset({"GET"}),
    "/rebalance/runs/{rebalance_run_id}/support-bundle": frozenset({"GET"}),
    "/rebalance/runs/by-correlation/{correlation_id}/support-bundle": frozenset({"GET"}),
    "/rebalance/runs/idempotency/{idempotency_key}/support-bundle": frozenset({"GET"}),
    "/rebalance/runs/by-operation/{operation_id}/support-bundle": frozenset({"GET"}),
    "/rebalance/runs/{rebalance_run_id}/verification": frozenset({"GET"}),
    "/rebalance/idempotency/{idempotency_key}/history": frozenset({"GET"}),
    "/rebalance/lineage/{entity_id}": frozenset({"GET"}),
    "/rebalance/supportability/summary": frozenset({"GET"}),
    "/rebalance/workflow/decisions": frozenset({"GET"}),
    "/rebalance/workflow/decisions/by-correlation/{correlation_id}": frozenset({"GET"}),
}


def methods_of(path: str) -> frozenset[str]:
    """The methods that a path takes; none for an unknown path, as one with a trailing slash.

    A literal segment wins over a `{parameter}`, which takes exactly one non-empty segment.
    """
    given = path.split("/")
    matching = [template for template in ROUTES if _matches(template.split("/"), given)]
    return ROUTES[min(matching, key=_openness)] if matching else frozenset()


def _openness(template: str) -> list[bool]:
    """Sorts the template first that names a segment where others take any, from the left."""
    return [segment.startswith("{") for segment in template.split("/")]


def _matches(template: list[str], given: list[str]) -> bool:
    return len(template) == len(given) and all(
        segment == wanted or (wanted.startswith("{") and bool(segment)) for wanted, segment in zip(template, given, strict=True)
    )
