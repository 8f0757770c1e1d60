"""Who calls? Verifies the bearer token of every call that is not anybody's, once for as long as API Gateway keeps the answer."""

from aws_lambda_powertools import Logger

from infra.adapters import Adapters
from infra.settings.container import Settings
from infra.tokens.authorizer import Handler, authorizer
from infra.tokens.fetching import fetch
from infra.tokens.verification import Verification
from infra.triggers.once import triggered


def build(settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these settings. IssuersUnreadable where they cannot be read: nobody is let in by half a configuration."""
    return authorizer(Verification(settings.tokens.issuers, fetch, adapters.clock), log)


handler = triggered("authorizer", build, needs=())
