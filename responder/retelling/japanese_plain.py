"""Plain speech: a sentence's polite, shortened and explanatory endings in the forms that stand before とのこと.

届きました → 届いた, 届いてません → 届いていない, 壊れちゃった → 壊れてしまった, 届かないんですけど → 届かない + けど.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from responder.retelling.japanese_words import Word, particle

NOT: Final = Word("ない", "ない", "助動詞", group="助動詞-ナイ")
PAST: Final = Word("た", "た", "助動詞", group="助動詞-タ")
IS: Final = Word("だ", "だ", "助動詞", group="助動詞-ダ")
STAY: Final = Word("", "いる", "動詞", "非自立可能", group="上一段-ア行")
END_UP: Final = Word("", "しまう", "動詞", "非自立可能", group="五段-ワア行")
SHORTENED: Final = {
    "てる": ("て", STAY),
    "でる": ("で", STAY),
    "ちゃう": ("て", END_UP),
    "じゃう": ("で", END_UP),
    "とく": ("て", Word("", "おく", "動詞", "非自立可能", group="五段-カ行")),
}
ROWS: Final = {
    "カ行": ("か", "き", "い"),
    "ガ行": ("が", "ぎ", "い"),
    "サ行": ("さ", "し", "し"),
    "タ行": ("た", "ち", "っ"),
    "ナ行": ("な", "に", "ん"),
    "バ行": ("ば", "び", "ん"),
    "マ行": ("ま", "み", "ん"),
    "ラ行": ("ら", "り", "っ"),
    "ワア行": ("わ", "い", "っ"),
}
VOICED: Final = frozenset({"ガ行", "ナ行", "バ行", "マ行"})
STANDING: Final = frozenset({"終止形", "連体形", ""})
NONE: Final = Word("", "ない", "形容詞", "非自立可能", group="形容詞")
SIMPLER: Final = {
    "ござる": Word("", "ある", "動詞", "非自立可能", group="五段-ラ行"),
    "いらっしゃる": STAY,
    "おる": STAY,
    "いたす": Word("", "する", "動詞", "非自立可能", group="サ行変格"),
    "なさる": Word("", "する", "動詞", "非自立可能", group="サ行変格"),
    "無い": NONE,
    "まいる": Word("", "くる", "動詞", "非自立可能", group="カ行変格"),
    "よろしい": Word("", "よい", "形容詞", "非自立可能", group="形容詞"),
}
GIVEN: Final = frozenset({"いただく", "いただける", "くださる", "頂く", "頂ける", "下さる"})
DOING: Final = Word("", "する", "動詞", "非自立可能", group="サ行変格")
VOICE: Final = {"た": "だ", "て": "で", "ても": "でも", "たら": "だら", "たり": "だり"}


def make_plain(words: Sequence[Word]) -> list[Word]:
    """Return ``words`` in plain speech; a word whose follower changed has nothing ``said`` yet: ``render`` inflects it."""
    return _write_out_favours(_say_simply(_join_connectives(_drop_explaining(_drop_politeness(_unfold(words))))))


def _unfold(words: Sequence[Word]) -> list[Word]:
    """Write out what is run together: てる, ちゃう, とく, じゃない."""
    unfolded: list[Word] = []
    for word, after in pairwise([*words, None]):
        if word is None:
            break
        if word.kind == "助動詞" and word.base in SHORTENED:
            lead, verb = SHORTENED[word.base]
            unfolded += [particle(lead, "接続助詞"), verb]
        elif word.base == "だ" and word.said == "じゃ":
            unfolded += [particle("で", "格助詞"), particle("は", "係助詞")]
        elif word.base == "ぬ" and word.said in {"ん", "ぬ"}:
            unfolded = [*_open(unfolded), NOT]
        elif word.base == "ぬ" and word.said == "ず" and after is not None and after.said == "、":
            unfolded = [*_open(unfolded), replace(NOT, said="なく", form="連用形-一般")]
        else:
            unfolded.append(word)
    return unfolded


def _open(words: list[Word]) -> list[Word]:
    """Return ``words`` with the last one to be inflected anew."""
    if not words or not words[-1].inflects:
        return words
    return [*words[:-1], replace(words[-1], said="", form="")]


def _drop_politeness(words: Sequence[Word]) -> list[Word]:
    plain: list[Word] = []
    for word in words:
        before = plain[-1] if plain else None
        if word.base == "ます" and word.kind == "助動詞":
            plain = _open(plain)
        elif word.base == "です" and before is not None and word.form != "意志推量形":
            if _is_predicate(before):
                # ありませんでした: the た that follows inflects what stands before.
                plain = _open(plain) if word.form.startswith("連用形") else plain
            else:
                plain.append(replace(IS, said="" if word.form.startswith("連用形") else "だ"))
        else:
            plain.append(word)
    return plain


def _is_predicate(word: Word) -> bool:
    return word.inflects and word.base != "だ"


def _drop_explaining(words: Sequence[Word]) -> list[Word]:
    """Drop のだ behind a predicate: it explains, and says nothing of its own."""
    plain: list[Word] = []
    place = 0
    while place < len(words):
        word = words[place]
        after = words[place + 1] if place + 1 < len(words) else None
        explains = word.finer == "準体助詞" and plain and is_standing(plain[-1])
        if explains and after is not None and after.base == "だ" and after.form != "連用形-一般" and after.said != "な":
            plain = plain[:-1] if plain[-1].said == "な" else plain
            place += 2
            continue
        plain.append(word)
        place += 1
    return plain


def is_standing(word: Word) -> bool:
    """Whether a clause may end with ``word``, or a noun follow it."""
    return word.inflects and word.form.partition("-")[0] in STANDING


def _say_simply(words: Sequence[Word]) -> list[Word]:
    """Say ございます and いらっしゃる as ある and いる, and あらない as ない."""
    simple: list[Word] = []
    for word in words:
        goes_on = bool(word.said) and word.form == "連用形-一般"
        plainer = SIMPLER.get(word.base) if word.kind in {"動詞", "形容詞"} and not goes_on else None
        before = simple[-1].base if simple and simple[-1].is_verb else ""
        if before == "いる" and word.base in {"れる", "られる"} and word.kind == "助動詞":
            # おられる says no more than いる.
            simple[-1] = replace(simple[-1], said="", form=word.form)
        elif before == "ある" and word.base == "ない" and word.kind == "助動詞":
            simple[-1] = replace(NONE, form=word.form)
        else:
            simple.append(replace(plainer, form=word.form) if plainer else word)
    return simple


def _write_out_favours(words: Sequence[Word]) -> list[Word]:
    """ご対応いただく → 対応していただく."""
    written: list[Word] = []
    for word in words:
        before = written[-1] if written else None
        if word.base in GIVEN and word.is_verb and before is not None and before.third == "サ変可能":
            if len(written) > 1 and written[-2].base in {"お", "ご", "御"}:
                del written[-2]
            written += [replace(DOING, said="し"), particle("て", "接続助詞")]
        written.append(word)
    return written


def _join_connectives(words: Sequence[Word]) -> list[Word]:
    """Make one word of の and に (のに), の and で (ので), て and も (ても)."""
    joined: list[Word] = []
    for word in words:
        before = joined[-1] if joined else None
        if (
            before
            and before.finer == "準体助詞"
            and word.said in {"に", "で"}
            and len(joined) > 1
            and joined[-2].inflects
        ):
            joined[-1] = particle("の" + word.said, "接続助詞")
        elif before and before.said in {"て", "で"} and before.finer == "接続助詞" and word.said == "も":
            joined[-1] = particle(before.said + "も", "接続助詞")
        else:
            joined.append(word)
    return joined


def inflect(word: Word, after: Word | None) -> str:
    """Return ``word`` in the form that ``after`` takes: た and て, ない, or what ends a clause."""
    follows = after.base if after else ""
    if follows in VOICE or follows in VOICE.values():
        return _stem(word)[1]
    return _stem(word)[0] if follows == "ない" else word.base


def _stem(word: Word) -> tuple[str, str]:
    """Return the stems before ない and before た."""
    base, group = word.base, word.group
    row = group.partition("-")[2]
    if group.startswith("五段"):
        before_not, _joining, before_past = ROWS[row]
        if base.endswith(("行く", "いく")):
            before_past = "っ"
        return base[:-1] + before_not, base[:-1] + before_past
    if group.startswith("サ行変格"):
        stem = base[:-2] + ("じ" if base.endswith("ずる") else "し")
        return stem, stem
    if group.startswith("カ行変格"):
        return base[:-1] if base.endswith("来る") else base[:-2] + "こ", (
            base[:-1] if base.endswith("来る") else base[:-2] + "き"
        )
    if group in {"形容詞", "助動詞-ナイ", "助動詞-タイ"}:
        root = "よ" if base == "いい" else base[:-1]
        return root + "く", root + "かっ"
    if base == "だ":
        return "では", "だっ"
    return base[:-1], base[:-1]


def joins(word: Word) -> str:
    """Return the form of a verb before another one, or as a noun: 選び, 届け."""
    if word.group.startswith("五段"):
        return word.base[:-1] + ROWS[word.group.partition("-")[2]][1]
    return "し" if word.base == "する" else word.base[:-1]


def render(words: Sequence[Word]) -> str:
    """Return what ``words`` say together."""
    said = []
    for word, after in pairwise([*words, None]):
        assert word is not None  # noqa: S101 - only the last of a pair is None
        said.append(word.said or inflect(word, after))
    return "".join(_voice(words, said))


def _voice(words: Sequence[Word], said: list[str]) -> list[str]:
    """た and て behind a verb that was inflected by us: 選んだ, 届いた."""
    for place in range(1, len(said)):
        before = words[place - 1]
        if before.said or said[place] not in {*VOICE, *VOICE.values()}:
            continue
        row = before.group.partition("-")[2]
        plain = {voiced: one for one, voiced in VOICE.items()}.get(said[place], said[place])
        is_voiced = before.group.startswith("五段") and row in VOICED
        said[place] = VOICE[plain] if is_voiced else plain
    return said
