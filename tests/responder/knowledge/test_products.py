"""Products are recognised by whatever name people give them."""

import pytest

from config.brand_book import Bilingual, Product
from responder.knowledge import ProductFinder


def product(name: str, ja: str, en: str, *aliases: str) -> Product:
    return Product(id=name, name=Bilingual(ja=ja, en=en), aliases=aliases)


FINDER = ProductFinder(
    [
        product("coat", "コート", "coat"),
        product("duffle", "こもれびダッフルコート", "Komorebi Duffle Coat", "ダッフル", "duffle", "duffel"),
        product("tote", "ミズナラトート", "Mizunara Tote", "革トート"),
    ]
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ダッフルのボタンが取れた", ["duffle"]),
        ("こもれびダッフルコート最高", ["duffle"]),
        ("ﾀﾞｯﾌﾙ届いた!", ["duffle"]),
        ("My DUFFEL and two coats", ["duffle", "coat"]),
        ("コートヤードで革トートを使った", ["tote"]),
        ("coating of the pan", []),
        ("@duffle https://duffle.example", []),
        ("", []),
    ],
)
def test_a_product_is_found_by_its_names_whole_and_the_longest_first(text: str, wanted: list[str]) -> None:
    assert [named.product.id for named in FINDER.find(text)] == wanted


def test_each_is_told_once_as_the_text_calls_it() -> None:
    (named,) = FINDER.find("ダッフル、ダッフル、duffle")
    assert named.called == "ダッフル"


def test_a_brand_without_products_finds_none() -> None:
    assert ProductFinder([]).find("coat") == ()
