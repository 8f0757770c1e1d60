"""The catalog of policy packs: which one applies, what they hold, and their administration."""

from aws_lambda_powertools import Logger

from engine.usecases.packs import PackCatalogUse
from infra.adapters import Adapters
from infra.http.door import Endpoint, door, entry
from infra.http.headers import Handler
from infra.http.identity import Scope
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.wire.packs import PackCalls


def build(settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these adapters."""
    calls = PackCalls(settings.packs.rules, PackCatalogUse(adapters.packs, adapters.pack_changes))
    endpoints = {
        "GET /rebalance/policies/effective": Endpoint(Scope.READ, calls.effective),
        "GET /rebalance/policies/catalog": Endpoint(Scope.READ, calls.catalog),
        "GET /rebalance/policies/catalog/{policy_pack_id}": Endpoint(Scope.READ, calls.one),
        "PUT /rebalance/policies/catalog/{policy_pack_id}": Endpoint(Scope.ADMIN, calls.put),
        "DELETE /rebalance/policies/catalog/{policy_pack_id}": Endpoint(Scope.ADMIN, calls.delete),
    }
    return door(endpoints, local=settings.local, clock=adapters.clock, log=log, closed=settings.closed)


handler = entry("policy-packs", build, needs=(Need.PACKS,))
