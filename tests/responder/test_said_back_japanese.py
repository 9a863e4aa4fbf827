"""What a reply says back of a Japanese post: the trouble itself, how we failed to answer beside it, things by their full names."""

import pytest

from domain.words import Language
from responder.said_back import find_listed, find_said_back
from tests.responder.composing import COMPLAINT


def said_back(text: str, scenario: str = "refund") -> dict[str, str]:
    listed = find_listed(text, Language.JA, product="")
    return find_said_back(text, Language.JA, COMPLAINT, scenario=scenario, listed=listed, read=lambda _text: {})


@pytest.mark.parametrize(
    ("post", "unheard"),
    [
        (
            "返品して3週間、返金まだ。問い合わせメール3通送って、返事ゼロ。",
            "くり返しお問い合わせいただいてもお返事がない",
        ),
        ("返金がまだです。メールも2回送ったけど返事なし。", "くり返しお問い合わせいただいてもお返事がない"),
        ("靴が壊れました。フォームから問い合わせても返信がありません。", "お問い合わせにお返事がない"),
        ("ファスナーが壊れた。電話もつながらない。", "お電話がつながりにくくなっている"),
        ("靴が壊れました。メールですぐにお返事をいただきました。", ""),
    ],
)
def test_who_was_not_answered_is_told_so_beside_the_trouble(post: str, unheard: str) -> None:
    assert said_back(post).get("unheard", "") == unheard


def test_where_the_trouble_is_that_nobody_answers_it_is_named_once() -> None:
    said = said_back("メールを3回送ったのに返事がない。", scenario="no_answer")
    assert "matter" in said
    assert "unheard" not in said


def test_two_troubles_are_parted_where_one_is_that_nobody_answers() -> None:
    said = said_back("母の日に頼んだストールがラッピングなしで届いた。メールで聞いても返事がない。", scenario="gift")
    assert said["matter"] == "贈り物の包装がされていなかった"
    assert said["unheard"] == "お問い合わせにお返事がない"


@pytest.mark.parametrize(
    ("post", "matter"),
    [
        ("白Tと一緒に洗ったらデニムから色が落ちて、Tシャツが全部水色に。", "お洗濯で色が移ってしまった"),
        (
            "決済でエラーが出て、もう一回押したら2回分引き落とされてる。",
            "お支払いのエラーのあと、二重にお引き落としがあった",
        ),
        ("コートのポケットに待ち針が残っていました。指に刺さって血が出ました。", "針が残っていた"),
        ("届いた服から煙草みたいな匂いがします。", "たばこのようなにおいがついていた"),
        ("ジャケットのポケットに知らない人の診察券と飴が入ってました。", "別の方の診察券が入っていた"),
        ("Mサイズのパンツ2本、同じ型番なのにウエストが4cmも違う。", "同じサイズなのに、お品によって寸法が違っていた"),
        ("裾上げをお願いしたズボン、右だけ2センチ短い。", "お直しの仕上がりの長さが、左右で違っていた"),
        ("レビューに上げた着画が店頭のPOPに使われてる。許可した覚えはない。", "お写真が、許可のないまま使われていた"),
    ],
)
def test_what_tells_the_harm_goes_before_a_clause_of_their_own(post: str, matter: str) -> None:
    assert said_back(post, scenario="defect")["matter"] == matter


@pytest.mark.parametrize(
    "post",
    [
        "白シャツと一緒に洗ったけど全然色移りしてへん。",
        "10年着てボタン一個も取れてない。",
    ],
)
def test_what_did_not_happen_is_no_matter(post: str) -> None:
    assert "matter" not in find_listed(post, Language.JA, product="")


@pytest.mark.parametrize(
    ("post", "deadline"),
    [
        ("クーポンが使えません。全品対象って書いてありますよね?今日までなんですけど!", "本日の期限"),
        ("ログインできない。ポイント2,300円分、今月末までなんだけど", "今月末の期限"),
        ("発送メールすら来ない。週末の法事に着たかったのに間に合わんやん", "週末の法事"),
        ("クーポンは使えました。今日まで知りませんでした。", ""),
    ],
)
def test_the_day_it_is_needed_for_is_named(post: str, deadline: str) -> None:
    assert said_back(post, scenario="coupon").get("deadline", "") == deadline


@pytest.mark.parametrize(
    ("post", "item"),
    [
        ("ワンピ、まだ届かない", "ワンピース"),
        ("カーデが縮んだ", "カーディガン"),
        ("紺ジャケのボタンが取れた", "ジャケット"),
        ("ワンピースがまだ届かない", "ワンピース"),
    ],
)
def test_a_short_name_is_said_in_full(post: str, item: str) -> None:
    assert find_listed(post, Language.JA, product="")["item"] == item


def test_what_was_only_harmed_is_not_what_the_post_is_about() -> None:
    said = said_back("防水のコートで10分歩いただけで中のシャツまでしっかり濡れました。", scenario="defect")
    assert said["item"] == "コート"
    assert "thing" not in said
