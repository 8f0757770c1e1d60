"""The catalog of policy packs: which one applies, what they hold, and their administration."""

from aws_lambda_powertools import Logger

from engine.usecases.packs import PackDesk
from infra.adapters import Adapters
from infra.http.door import door, entry
from infra.http.endpoints import endpoint
from infra.http.messages import Handler
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.wire.packs import (
    catalog_answer,
    effective_answer,
    pack_answer,
    pack_asked,
    put_answer,
    put_asked,
    removal_asked,
    removed_answer,
    wish_asked,
)


def build(settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these adapters."""
    desk = PackDesk(settings.packs.rules, adapters.packs, adapters.pack_changes)
    endpoints = {
        "effective_pack": endpoint(wish_asked, desk.effective, effective_answer),
        "packs": endpoint(wish_asked, desk.packs, catalog_answer),
        "pack": endpoint(pack_asked, desk.pack, pack_answer),
        "put_pack": endpoint(put_asked, desk.put, put_answer),
        "delete_pack": endpoint(removal_asked, desk.remove, removed_answer),
    }
    return door("policy_packs", endpoints, settings, adapters.clock, log)


handler = entry("policy-packs", build, needs=(Need.PACKS,))
