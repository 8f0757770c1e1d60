"""How much a proposal can bring its reader to look at: refused before it is decided, where deciding would take more memory than there is."""

from typing import Final

from engine.advisory.suitability.limits import caps_by_attribute
from engine.contracts.proposals import ProposalSimulateRequest
from engine.usecases.refusals import Code, Refused

MAX_ATTRIBUTE_ISSUES: Final = 250_000
"""So many issues are an answer of a hundred megabytes, of which gzip can carry twice; ten thousand holdings under 500 limits would be five million."""


def refuse_boundless(request: ProposalSimulateRequest) -> None:
    """Refused with `RESPONSE_TOO_LARGE` where limits by attribute alone could bring more than `MAX_ATTRIBUTE_ISSUES` issues.

    Every other check of the scanner brings a handful for each instrument. Counted are attributes that an instrument lacks, and values that could
    be above their limit.
    """
    limited = caps_by_attribute(request.options.suitability_thresholds).keys()
    names = {row.instrument_id for row in request.portfolio_snapshot.positions} | {row.instrument_id for row in request.proposed_trades}
    if not request.options.enable_suitability_scanner or len(limited) * len(names) <= MAX_ATTRIBUTE_ISSUES:
        return
    stated = [entry.attributes for entry in request.shelf_entries if entry.instrument_id in names]
    lacking = sum(len(limited - attributes.keys()) for attributes in stated)
    values = sum(len({attributes.get(name) for attributes in stated} - {None}) for name in limited)
    if lacking + values > MAX_ATTRIBUTE_ISSUES:
        raise Refused(Code.RESPONSE_TOO_LARGE)
