"""Every route that no function serves: 404, or 405 where only the method is wrong."""

from infra.http.door import door
from infra.observability import logger
from infra.settings.container import Settings
from infra.system import utc_now

handler = door("fallback", {}, Settings(), utc_now, logger("fallback"))
