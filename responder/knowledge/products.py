"""Which products of the brand a post names, by whatever name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from config.brand_book import Product
from responder.knowledge.terms import plain_text

MOST_NAMED = 5
_LATIN = "a-z0-9"
_KATAKANA = "ァ-ヶー"
_KINDS = (_LATIN, _KATAKANA)


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductNamed:
    """One product that a text names."""

    product: Product
    called: str
    """As the text calls it, NFKC and without case."""


class ProductFinder:
    """Finds the products of one brand in texts. Thread-safe; make it once per book."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._names: dict[str, Product] = {}
        for product in products:
            for name in (product.name.ja, product.name.en, *product.aliases):
                if plain := plain_text(name).strip():
                    self._names.setdefault(plain, product)
        longest_first = sorted(self._names, key=lambda name: (-len(name), name))
        self._pattern = re.compile("|".join(map(_whole, longest_first))) if longest_first else None

    def find(self, text: str) -> tuple[ProductNamed, ...]:
        """Return the products that ``text`` names, in its order, each once; where names overlap the longest counts.

        A name in Latin letters or katakana is found only whole: "knit" is not in "knitting", コート not in コートヤード.
        """
        found: dict[str, ProductNamed] = {}
        for match in self._pattern.finditer(plain_text(text)) if self._pattern else ():
            product = self._names[match[0]]
            found.setdefault(product.id, ProductNamed(product=product, called=match[0]))
            if len(found) == MOST_NAMED:
                break
        return tuple(found.values())


def _whole(name: str) -> str:
    """Return the pattern of a name that stands for itself, or as an English plural."""
    before = next((kind for kind in _KINDS if re.match(f"[{kind}]", name)), "")
    after = next((kind for kind in _KINDS if re.search(f"[{kind}]$", name)), "")
    guard_before = f"(?<![{before}])" if before else ""
    guard_after = f"(?={'s?' if after == _LATIN else ''}(?![{after}]))" if after else ""
    return f"{guard_before}{re.escape(name)}{guard_after}"
