"""How far random tests look: as committed the same examples every time; with SOAK=n in the environment n times as far, elsewhere each time."""

import os

from hypothesis import settings

TIMES = int(os.environ.get("SOAK", "1"))


def examples(usual: int) -> settings:
    """Settings for a property: no deadline, since the machine may be busy; what fails is printed so that it can be replayed."""
    return settings(max_examples=usual * TIMES, deadline=None, derandomize=TIMES == 1, database=None, print_blob=True)
