"""Record the golden outcomes of the current engine version; refuses when it would overwrite a changed one."""

import sys

from engine.version import ENGINE_VERSION
from tests.golden import outcomes
from tests.golden.scenarios import scenarios

if __name__ == "__main__":
    found = scenarios()
    if moved := outcomes.changed(found, outcomes.recorded()):
        sys.exit(f"engine {ENGINE_VERSION} has other outcomes on record; raise ENGINE_VERSION first: {', '.join(moved)}")
    print(f"{len(found)} outcomes recorded in {outcomes.record(found).name}")
