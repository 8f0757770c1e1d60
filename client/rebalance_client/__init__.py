"""A typed client of the rebalance API.

with Client("https://api.example/prod", token=lambda: os.environ["TOKEN"]) as client:
    answer = client.simulate_once(request)  # a mapping of rebalance_client.generated.wire, or the bytes of a file
    if answer.value["status"] == "READY": ...
"""

from rebalance_client.answers import Answer, Problem, Unreachable, Unsendable
from rebalance_client.client import Client, Patience, StillRunning

__all__ = ["Answer", "Client", "Patience", "Problem", "StillRunning", "Unreachable", "Unsendable"]
