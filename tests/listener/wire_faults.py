"""What a wire that carries HTTP does for the troubles that look alike on every platform; each driver adds its platform's own."""

from collections.abc import Mapping

from tests.listener.channel_contract import Break
from tests.partners.faulty_proxy import Answer, Cut

ON_THE_WIRE: Mapping[Break, Answer | Cut] = {
    Break.LOST: Cut.BEFORE,
    Break.AMBIGUOUS: Cut.AFTER,
    Break.TORN: Cut.HALF,
    Break.UNTOLD: Answer(429),
    Break.BROKEN: Answer(
        503, b"<html><h1>Service Unavailable</h1></html>", {"content-type": "text/html; charset=utf-8"}
    ),
}
