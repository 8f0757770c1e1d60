"""What AWS asks for one of each thing that is used here: an input, to be changed for another region or a contract."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

LIST: Final = "AWS's public list of us-east-1 in US dollars, as known on 26 November 2026; other regions cost up to a third more"


@dataclass(frozen=True, slots=True)
class Prices:
    """Of one unit each, of `LIST`; what is stored costs by the month."""

    api_request: Decimal = Decimal("0.0000035")
    lambda_request: Decimal = Decimal("0.0000002")
    lambda_gigabyte_second: Decimal = Decimal("0.0000166667")
    write_unit: Decimal = Decimal("0.000000625")
    read_unit: Decimal = Decimal("0.000000125")
    table_gigabyte: Decimal = Decimal("0.25")
    table_recovery_gigabyte: Decimal = Decimal("0.20")
    put: Decimal = Decimal("0.000005")
    get: Decimal = Decimal("0.0000004")
    bucket_gigabyte: Decimal = Decimal("0.023")
    log_gigabyte: Decimal = Decimal("0.50")
    log_stored_gigabyte: Decimal = Decimal("0.03")
    trace: Decimal = Decimal("0.000005")
    key_request: Decimal = Decimal("0.000003")
    transfer_gigabyte: Decimal = Decimal("0.09")
    transition: Decimal = Decimal("0.000025")
    express_request: Decimal = Decimal("0.000001")
    express_gigabyte_second: Decimal = Decimal("0.00001667")


PRICES: Final = Prices()
