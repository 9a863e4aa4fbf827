"""Saying a Japanese clause back: plain form, the shop's side, words of our vocabulary only."""

import pytest

from domain.words import Intent
from responder.retelling.japanese import retell_japanese


@pytest.mark.parametrize(
    ("post", "matter"),
    [
        ("ファスナーが3日で壊れました", "ファスナーが3日で壊れた"),
        ("コートのボタンがすぐ取れちゃったんだけど!", "コートのボタンがすぐ取れてしまった"),
        ("Mサイズ頼んだのにLLが入ってたんだけど", "Mサイズをご注文になったのにLLが入っていた"),
        ("箱がつぶれて中のお洋服まで濡れていました。", "箱がつぶれて中のお洋服まで濡れていた"),
        ("発送連絡ない", "発送連絡がない"),
        ("店員さんに無視されました", "スタッフに無視された"),
        ("カード明細見ても戻ってきてない", "カード明細をご覧になっても戻ってきていない"),
    ],
)
def test_a_complaint_is_said_back_in_plain_form_from_the_shops_side(post: str, matter: str) -> None:
    assert retell_japanese(post, Intent.COMPLAINT) == {"matter": matter}


@pytest.mark.parametrize(
    ("post", "told"),
    [
        ("10年着てもボタンが一度も取れてない。", "10年お召しになってもボタンが一度も取れていない"),
        ("母がとても喜んでいました", "お母さまがとても喜んでいた"),
    ],
)
def test_praise_is_said_back(post: str, told: str) -> None:
    assert retell_japanese(post, Intent.PRAISE) == {"told": told}
