"""What anybody is answered: what this is, and that it is there."""

from typing import Annotated, Literal

from pydantic.dataclasses import dataclass

from engine.contracts.results.scalars import EXACT_MEMBERS, shown


@dataclass(slots=True, config=EXACT_MEMBERS)
class LandingLinks:
    """Where to go on, as paths of this deployment: a stage or a mapped path stands before them where there is one."""

    documentation: Annotated[str, shown("The documentation as a page.", "/docs")]
    openapi: Annotated[str, shown("The documentation as a document, OpenAPI 3.1.", "/openapi.json")]
    desk: Annotated[str, shown("The review desk.", "/desk")]
    health: Annotated[str, shown("Whether this deployment answers.", "/health")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class Landing:
    """What this API is."""

    title: Annotated[str, shown("Its name.", "Private Banking Rebalance API")]
    description: Annotated[str, shown("What it is for.", "Which orders bring a portfolio back to its mandate")]
    version: Annotated[str, shown("Its release, as CHANGELOG.md counts.", "1.2.0")]
    engine_version: Annotated[str, shown("The version of its decisions.", "1.2.0")]
    links: Annotated[LandingLinks, shown("Where to go on.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class Health:
    """That the deployed API answers; no store is asked."""

    status: Annotated[Literal["UP"], shown("Up, since it answers.", "UP")]
    version: Annotated[str, shown("Its release.", "1.2.0")]
    engine_version: Annotated[str, shown("The version of its decisions.", "1.2.0")]
