"""May this release go over the one that is deployed, and that one come back? Told by the formats in which both record (decisions 0022).

    python -m infra.way_back STACK [Parameter=value …]      # before a deployment, with its parameters: `make deploy` asks

A stack tells its formats by its output `Formats`; one that tells none is of a release before 1.3, which knew the first version of each.
Changes nothing. Exit status 1 where this release may not go over the deployed one, with a code for each reason:

    CUTOVER_RECORDED_BY_NEWER:kind:deployed:here   the deployed release records what this one refuses to read: there is no way back
    CUTOVER_NOT_GRADUAL:kind:deployed:here         this release records what the deployed one cannot read: not side by side, so all at once

and 0 otherwise, with a note where the way back ends as soon as something is recorded:

    ONE_WAY:kind:deployed:here
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from infra.aws.clients import client
from infra.aws.formats import FIRST, VERSIONS, told_by

OUTPUT: Final = "Formats"
GRADUAL: Final = "GradualReleases"
NO_STACK: Final = "ValidationError"
"""What CloudFormation says of an unknown stack."""
NOTE: Final = "ONE_WAY"


def formats_of(stack: Mapping[str, Any]) -> dict[str, int]:
    """What a deployed stack records, by kind, from CloudFormation's description of it."""
    return next((told_by(output["OutputValue"]) for output in stack.get("Outputs", ()) if output["OutputKey"] == OUTPUT), {})


def ways(deployed: Mapping[str, int], here: Mapping[str, int], *, gradual: bool) -> Iterator[str]:
    """What stands between two releases, by kind; nothing where each reads what the other records."""
    for kind in sorted(deployed.keys() | here.keys()):
        before, now = deployed.get(kind, FIRST), here.get(kind, FIRST)
        if before > now:
            yield f"CUTOVER_RECORDED_BY_NEWER:{kind}:{before}:{now}"
        elif before < now:
            yield f"{NOTE}:{kind}:{before}:{now}"
            if gradual:
                yield f"CUTOVER_NOT_GRADUAL:{kind}:{before}:{now}"


def of_stack(stack: Mapping[str, Any], parameters: Mapping[str, str] = {}) -> list[str]:
    """The same of a deployed stack and this release, which is deployed with these parameters; one that is not named keeps its value."""
    kept = {given["ParameterKey"]: given["ParameterValue"] for given in stack.get("Parameters", ())}
    return list(ways(formats_of(stack), VERSIONS, gradual={**kept, **parameters}.get(GRADUAL) == "true"))


def main(arguments: Sequence[str], clients: Callable[[str], Any] = client) -> int:
    """Print what was found, and what it means; 0 to go on, 1 to stop, 2 when AWS could not be asked."""
    name, *given = arguments
    parameters = dict(pair.split("=", 1) for pair in given if "=" in pair)
    try:
        found = of_stack(clients("cloudformation").describe_stacks(StackName=name)["Stacks"][0], parameters)
    except (BotoCoreError, ClientError) as outage:
        if isinstance(outage, ClientError) and outage.response["Error"]["Code"] == NO_STACK:
            return 0
        sys.stderr.write(f"CUTOVER_NOT_CHECKED: {type(outage).__name__}\n")
        return 2
    sys.stdout.write("".join(f"{line}\n" for line in found))
    if any(line.startswith(NOTE) for line in found):
        sys.stdout.write("After something is recorded in a new format, the release that is deployed now cannot come back.\n")
    return int(any(not line.startswith(NOTE) for line in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
