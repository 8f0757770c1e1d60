"""The life of a proposal as its specification lays it out, in tables of text: read by the matrix, and made of nothing the engine knows.

`·` is a refusal by the table it stands in. The columns of states: DRAFT, RISK_REVIEW, COMPLIANCE_REVIEW, AWAITING_CLIENT_CONSENT,
EXECUTION_READY, and any of the four at the end.
"""

from typing import Final

STATES: Final = (
    "DRAFT RISK_REVIEW COMPLIANCE_REVIEW AWAITING_CLIENT_CONSENT EXECUTION_READY EXECUTED REJECTED CANCELLED EXPIRED".split()  # noqa: SIM905
)
COLUMNS: Final = {state: min(column, 5) for column, state in enumerate(STATES)}

LEADS_TO: Final = """
                                 DRAFT        RISK     COMPLIANCE  CONSENT   READY     end
CREATED                          ·            ·        ·           ·         ·         ·
NEW_VERSION_CREATED              ·            ·        ·           ·         ·         ·
SUBMITTED_FOR_RISK_REVIEW        RISK         ·        ·           ·         ·         ·
SUBMITTED_FOR_COMPLIANCE_REVIEW  COMPLIANCE   ·        ·           ·         ·         ·
SUBMITTED_FOR_CLIENT_CONSENT     CONSENT      ·        ·           ·         ·         ·
RISK_APPROVED                    ·            CONSENT  ·           ·         ·         ·
COMPLIANCE_APPROVED              ·            ·        CONSENT     ·         ·         ·
CLIENT_CONSENT_RECORDED          ·            ·        ·           READY     ·         ·
CHANGES_REQUESTED                ·            DRAFT    DRAFT       DRAFT     ·         ·
EXECUTION_REQUESTED              ·            ·        ·           ·         READY     ·
EXECUTED                         ·            ·        ·           ·         EXECUTED  ·
REJECTED                         ·            REJECTED REJECTED    REJECTED  ·         ·
CANCELLED                        CANCELLED    CANCELLED CANCELLED  CANCELLED CANCELLED ·
EXPIRED                          EXPIRED      EXPIRED  EXPIRED     EXPIRED   EXPIRED   ·
"""
SHORT: Final = {
    "RISK": "RISK_REVIEW",
    "COMPLIANCE": "COMPLIANCE_REVIEW",
    "CONSENT": "AWAITING_CLIENT_CONSENT",
    "READY": "EXECUTION_READY",
}

SCOPES: Final = """
                                 DRAFT           RISK   COMPLIANCE  CONSENT  READY           end
CREATED                          run             run    run         run      run             run
NEW_VERSION_CREATED              run             run    run         run      run             run
SUBMITTED_FOR_RISK_REVIEW        run             run    run         run      run             run
SUBMITTED_FOR_COMPLIANCE_REVIEW  run             run    run         run      run             run
SUBMITTED_FOR_CLIENT_CONSENT     run             run    run         run      run             run
RISK_APPROVED                    risk            risk   risk        risk     risk            risk
COMPLIANCE_APPROVED              comp            comp   comp        comp     comp            comp
CLIENT_CONSENT_RECORDED          run             run    run         run      run             run
CHANGES_REQUESTED                run,risk,comp   risk   comp        run      run,risk,comp   run,risk,comp
EXECUTION_REQUESTED              execute         execute execute    execute  execute         execute
EXECUTED                         execute         execute execute    execute  execute         execute
REJECTED                         run,risk,comp   risk   comp        run      run,risk,comp   run,risk,comp
CANCELLED                        run             run    run         run      run             run
EXPIRED                          execute         execute execute    execute  execute         execute
"""
HOLDERS: Final = {
    "run": {"advisory.run"},
    "risk": {"advisory.approve.risk", "advisory.approve"},
    "comp": {"advisory.approve.compliance", "advisory.approve"},
    "execute": {"advisory.execute"},
}
"""Which scopes are as good as the one a cell asks for."""
NAMED: Final = {
    "run": "advisory.run",
    "risk": "advisory.approve.risk",
    "comp": "advisory.approve.compliance",
    "execute": "advisory.execute",
}

GATES: Final = "BLOCKED COMPLIANCE_REVIEW_REQUIRED RISK_REVIEW_REQUIRED CLIENT_CONSENT_REQUIRED EXECUTION_READY".split()  # noqa: SIM905
UNDER_GATES: Final = """
                                 BLOCKED  COMPLIANCE  RISK       CONSENT  READY
SUBMITTED_FOR_RISK_REVIEW        blocked  compliance  -          -        -
SUBMITTED_FOR_COMPLIANCE_REVIEW  blocked  -           -          -        -
SUBMITTED_FOR_CLIENT_CONSENT     blocked  review!     review!    -        -
RISK_APPROVED                    blocked  -           -          -        -
COMPLIANCE_APPROVED              blocked  -           -          -        -
CLIENT_CONSENT_RECORDED          blocked  needs:C     needs:R,C  -        -
CHANGES_REQUESTED                blocked  -           -          -        -
EXECUTION_REQUESTED              blocked  needs:C     needs:R,C  -        -
EXECUTED                         blocked  needs:C     needs:R,C  -        -
REJECTED                         -        -           -          -        -
CANCELLED                        -        -           -          -        -
EXPIRED                          -        -           -          -        -
"""
"""`!` holds whatever the switches; `needs` wants one of these approvals of the current version."""
GATE_CODES: Final = {
    "blocked": "GATE_BLOCKED",
    "compliance": "GATE_REQUIRES_COMPLIANCE_REVIEW",
    "review!": "GATE_REVIEW_REQUIRED",
    "needs:C": "GATE_APPROVAL_MISSING",
    "needs:R,C": "GATE_APPROVAL_MISSING",
}
WITHOUT_GATES: Final = """
                                 BLOCKED  COMPLIANCE  RISK       CONSENT  READY
SUBMITTED_FOR_CLIENT_CONSENT     review!  review!     review!    -        -
"""
"""All that is left of the table where gates are not enforced."""

VOTES: Final = """
RISK            RISK        risk  RISK_APPROVED
COMPLIANCE      COMPLIANCE  comp  COMPLIANCE_APPROVED
CLIENT_CONSENT  CONSENT     run   CLIENT_CONSENT_RECORDED
"""
"""Type, the only state it is legal in, its scope, and its event when approved; refused, it is REJECTED."""


def table(text: str) -> dict[str, list[str]]:
    """The rows of a table under its heading."""
    return {words[0]: words[1:] for words in map(str.split, text.strip("\n").splitlines()[1:])}
