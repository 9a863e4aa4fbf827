"""What ``kikite customers orders`` does: open the product, bring orders in, say how many."""

from collections.abc import Mapping
from pathlib import Path

from config.buyer_keys import load_buyer_key
from domain.text_lines import Progress
from kikite import steps
from kikite.product import open_product
from listener.shops.orders_file import OrdersSummary, import_orders


def import_orders_now(
    home: Path,
    file: Path,
    *,
    mapping: Mapping[str, str],
    consent_column: str,
    rejects: Path | None,
    progress: Progress,
) -> OrdersSummary:
    """Import one file of orders."""
    with open_product(home) as product:
        return import_orders(
            product.database,
            product.workspace_id,
            path=file,
            mapping=mapping,
            consent_column=consent_column,
            rejects=rejects,
            buyer_key=load_buyer_key(home),
            time_zone=product.settings.workspace.time_zone,
            progress=progress,
        )


def read_orders_now(home: Path) -> int:
    """Read the shops whose time has come."""
    with open_product(home) as product:
        return steps.read_orders(product)
