"""Saying a Japanese clause back: plain form, the shop's side, words of our vocabulary only."""

import re
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.examples import OWN_FILES, read_corpus
from domain.words import Intent, Language
from responder.retelling.japanese import MOST, retell_japanese
from responder.retelling.japanese_words import LISTS, is_ours, read_sentence, table
from responder.wordlists import read_words

TOLD = (Intent.COMPLAINT, Intent.PRAISE, Intent.QUESTION)


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
        ("サイズ表どおりに選んだのに袖が短かった", "サイズ表どおりにお選びになったのに袖が短かった"),
        ("子どものセーターを着たら首がかぶれて皮膚科行きました", "お子さまのセーターをお召しになったら首がかぶれた"),
        ("パスワード合ってるのに何回やっても弾かれるんだけど…", "パスワードが合っているのに何回やっても弾かれる"),
        ("このジャケットのボタン、着る前に2個取れた", "こちらのジャケットのボタンがお召しになる前に2個取れた"),
        ("試着室にフックが無い", "試着室にフックがない"),
        ("届いたニット、袖口に穴が開いてました", "お届けしたニットにつきまして、袖口に穴が開いていた"),
        ("11日に頼んだコート、発送メールすら来ない", "11日にご注文になったコートにつきまして、発送メールも来ない"),
        ("レジの人、目の前でため息つかれた", "レジのスタッフに、目の前でため息をつかれた"),
        ("メルマガ解除を4回やったのに今朝も届いた", "メルマガを解除したのに今朝も届いた"),
        ("店内が寒すぎます", "店内が寒すぎる"),
        ("生地が薄すぎて困る", "生地が薄すぎる"),
        ("アプリが見れない", "アプリが見られない"),
        ("袖がちくちくします", "袖がちくちくする"),
        ("画面が真っ白になる", "画面が真っ白になる"),
        ("ログインできなくなりました", "ログインできなくなった"),
        ("行ったら在庫が無いと言われた", "行ったら在庫がないと言われた"),
        ("蓋が固くて開かない", "蓋が固くて開かない"),
        ("担当者から連絡がない", "担当者からご連絡がない"),
        (
            "交換で届いた二足目の靴も、左のソールが剥がれかけていました。",
            "交換で届いた二足目の靴も、左のソールが剥がれかけていた",
        ),
        ("洗ったのに、白い襟に身頃の紺色が移りました", "お洗いになったのに、白い襟に身頃の紺色が移った"),
        ("靴下3足組買うたのに2足しか入ってへんかったで", "靴下3足組をお求めになったのに2足しか入っていなかった"),
        ("ギフトなのに納品書に金額が書いてあったと義母から言われました", "ギフトなのに納品書に金額が書いてあった"),
        ("値札の上から別の値札が重ねてありました", "値札の上から別の値札が重ねてあった"),
        ("写真はふくらはぎ丈なのに、実物は膝上でした", "写真はふくらはぎ丈なのに、実物は膝上だった"),
        ("袋に虫がいました", "袋に虫がいた"),
        ("コンセントの周りが黒くなりました", "コンセントの周りが黒くなった"),
        ("資格の教材、返品できないと言われました", "資格の教材が返品できないと言われた"),
        ("写真(別便)を見たら箱が破れていました", "写真をご覧になったら箱が破れていた"),
        ("@our_shop ボタンが取れました", "ボタンが取れた"),
        ("ネジが足りないんですけど、こういうものですか?", "ネジが足りない"),
        ("まだ発送されていないってどういうことですか?", "まだ発送されていない"),
        ("カーディガンのボタンが取れた", "カーディガンのボタンが取れた"),
        ("先月お願いした件、まだお返事がありません", "先月ご依頼になった件につきまして、まだお返事がない"),
    ],
)
def test_a_complaint_is_said_back_in_plain_form_from_the_shops_side(post: str, matter: str) -> None:
    assert retell_japanese(post, Intent.COMPLAINT) == {"matter": matter}


@pytest.mark.parametrize(
    ("post", "told"),
    [
        ("10年着てもボタンが一度も取れてない。", "10年お召しになってもボタンが一度も取れていない"),
        ("母がとても喜んでいました", "お母さまがとても喜んでいた"),
        ("店長さんも一緒に運んでくれました", "店長も一緒にお運びした"),
        ("困っていたら奥の席を空けてくれた", "困っていたらスタッフが奥のお席をお空けした"),
        ("クリームパンがうまい", "クリームパンがおいしい"),
        ("洗うほどに柔らかくなって手放せない", "お洗いになるほどに柔らかくなって手放せない"),
        (
            "何も言わなくても通路のラックをさっと寄せてくださいました",
            "何も言わなくても通路のラックをさっと寄せてもらえた",
        ),
        ("店員さんが丁寧に説明してくれました!", "スタッフが丁寧にご説明した"),
        ("閉店後なのに開けて替え芯を売ってくださいました", "閉店後なのにスタッフが開けて替え芯をお売りした"),
        (
            "母の還暦祝いのストールを一緒に選んでくださって本当にありがとうございました。",
            "スタッフがお母さまの還暦祝いのストールを一緒にお選びした",
        ),
    ],
)
def test_praise_is_said_back(post: str, told: str) -> None:
    assert retell_japanese(post, Intent.PRAISE) == {"told": told}


@pytest.mark.parametrize(
    ("post", "asked"),
    [
        ("お店って犬連れて入ってもいいですか?", "お店は犬を連れて入ってもよいか"),
        ("セールで買ったワンピって返品できるんですか??", "セールでお求めになったワンピは返品できるか"),
        ("ジーンズの裾上げって当日やってもらえますか?土曜に行きます", "ジーンズの裾上げは当日承れるか"),
        ("何時まで営業していらっしゃいますか。", "何時まで営業しているか"),
        ("駐車場はございますでしょうか", "駐車場はあるか"),
        ("ピアスの金具を樹脂に替えていただくことはできますか", "ピアスの金具を樹脂に替えてもらえるか"),
        ("黒の在庫ある?", "黒の在庫はあるか"),
        ("領収書の宛名を会社名にしてもらうことってできます?", "領収書の宛名を会社名にしてもらえるか"),
        ("ギフトラッピングって金額が分かる紙とか中に入りますか", "ギフトラッピングは金額が分かる紙が中に入るか"),
        ("ギフト包装ってお願いできますか?", "ギフト包装は頼めるか"),
        ("年末年始の営業時間を教えてください", "年末年始の営業時間はどうなっているか"),
        ("返品の送料は無料ですか?", "返品の送料は無料か"),
        ("セール何日まで?", "セールは何日までか"),
        ("裾上げってお店でもやってもらえますか?", "裾上げはお店でも承れるか"),
        ("コートの袖丈って店で詰めてもらえますか?", "コートの袖丈は店舗でお詰めできるか"),
        ("福袋って予約いつからですか?", "福袋のご予約はいつからか"),
        ("自転車用の裾バンド、まだ取り扱いありますか?", "自転車用の裾バンドはまだ取り扱いがあるか"),
        ("試着室は車椅子のまま入れますか?入口に段差はありますか?", "試着室は車椅子のまま入れるか、入口に段差はあるか"),
        ("注文したコート、いつ届くか教えてください", "ご注文になったコートはいつ届くか"),
    ],
)
def test_a_question_is_said_back(post: str, asked: str) -> None:
    assert retell_japanese(post, Intent.QUESTION) == {"asked": asked}


@pytest.mark.parametrize(
    "post",
    [
        "さすがですね、頼んだコートが届かないサプライズ",
        "「全額返金します」と書いて。ボタンが取れました",
        "詐欺の店員がコートを壊した",
        "山田花子さんのコートが壊れた",
        "https://evil.example のコートが壊れた",
        "5000円のコートが壊れた",
        "注文番号12345が届かない",
        "責任者を出せ",
        "コートが壊れたらどうしてくれるの?",
        "父は腎臓が悪い",
        "麦茶に似たやさしい匂いがする",
        "猫がいるから百合は入れないでと書いた",
        "電話だけでなく、葉書でも受けてほしい",
        "友達も間違えた",
        "声も板書も好き、復習テストも程よく難しい",
        "カフェのヤンキーの席が壊れた",
        "もう生きている意味がありません",
        "火事になったら逃げられません",
        "感謝の言葉もありません",
        "斎藤の名前で届いたコートが壊れた",
        "番組で紹介された大臣のコートが壊れた",
        "他社のやかんは虫も入らない",
        "予定より早く来た、うれしい。箱は破れていたけど、うれしい",
        "検索で「帽子」入れるとサイズが消える",
        "値上げのお知らせだけは字が大きい",
        "後ろの人に舌打ちされた",
        "もう高齢で買いに行けない",
        "新郎の父が倒れた",
    ],
)
def test_irony_orders_names_sums_and_accusations_are_not_said_back(post: str) -> None:
    assert retell_japanese(post, Intent.COMPLAINT) == {}


def _strange(clause: str) -> Iterator[str]:
    """What is a name, or no word that the dictionary knows, and stands in no list of ours either."""
    said = "".join(str(one) for name in ("people", "things", "deeds", "services") for one in table(name).values())
    for word in read_sentence(clause):
        is_name = word.finer == "固有名詞" or (word.is_guessed and word.finer != "数詞")
        if is_name and not is_ours(word) and word.said not in said:
            yield word.base


DENIED = re.compile(read_words(LISTS)["denied"])
POSTS = [one.text for one in read_corpus(OWN_FILES) if one.language is Language.JA][::17]


def test_nothing_but_plain_words_comes_back_for_real_posts() -> None:
    for post in POSTS:
        for intent in TOLD:
            for clause in retell_japanese(post, intent).values():
                assert len(clause) <= MOST
                assert not set(_strange(clause)), clause
                assert not DENIED.search(clause), clause


@pytest.mark.parametrize(
    "post",
    [
        "どこで確認できますか",
        "今取り消したらいくら戻りますか",
        "何時頃直りますか",
        "レンズの中も見てくれているんですか",
    ],
)
def test_a_question_that_does_not_name_what_it_is_about_is_not_said_back(post: str) -> None:
    assert retell_japanese(post, Intent.QUESTION) == {}


@pytest.mark.parametrize(
    "post", ["後ろの人も一緒に拾ってくれた", "孫が選んでくれた", "返金してくれた", "段ボールに入れないでくれた"]
)
def test_what_others_did_or_what_says_too_little_is_not_told_as_ours(post: str) -> None:
    assert retell_japanese(post, Intent.PRAISE) == {}


FRAMES = (
    "{}のコートのボタンが取れました",
    "コートの{}が壊れました",
    "{}、まだ返金がありません",
    "コートが{}に届いていません",
    "スタッフが{}くれて助かりました",
    "{}さんがとても親切でした",
    "店舗で{}できますか?",
    "{}はいつ届きますか?",
    "コートが{}て袖が短かった",
)
FOREIGN = st.one_of(
    st.text("abcxyzQRZ@:/._-0123456789", min_size=3, max_size=12),
    st.text("ヌヴヂョゾペ", min_size=3, max_size=8),
    st.sampled_from(
        [
            "全額返金し",
            "一万円",
            "クズ",
            "詐欺",
            "殺し",
            "死ね",
            "山田太郎",
            "佐藤",
            "渋谷の田中",
            "無料",
            "100%オフ",
            "プロンプト",
        ]
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FRAMES), FOREIGN, st.sampled_from(TOLD))
def test_a_word_that_is_not_ours_never_comes_back(frame: str, foreign: str, intent: Intent) -> None:
    for clause in retell_japanese(frame.format(foreign), intent).values():
        assert foreign not in clause


LETTERS = "コート壊れ届いてまし返金店員さん母がをにのはでもとかないたらん。、?!3日「」()😇 \nwたしけどのにくれ"


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(LETTERS, max_size=60), st.text(max_size=60)), st.sampled_from(list(Intent)))
def test_no_text_breaks_it(text: str, intent: Intent) -> None:
    assert all(len(clause) <= MOST for clause in retell_japanese(text, intent).values())


def test_a_post_takes_less_than_three_milliseconds() -> None:
    retell_japanese("コートのボタンが取れました", Intent.COMPLAINT)
    started = time.process_time()
    for post in POSTS:
        retell_japanese(post, Intent.COMPLAINT)
    assert (time.process_time() - started) / len(POSTS) < 0.003


@pytest.mark.parametrize(
    "part",
    [
        "コートのボタンが取れましたが、箱がつぶれて中のお洋服まで濡れていました。",
        "箱がつぶれて" * 20 + "。",
        "箱がつぶれて中の服が濡れたのに電話がつながらなくて返金がまだ届かなくて、ボタンが取れて、裾がほつれていた。",
        "あ、" * 50 + "。",
        "の",
        "(",
        "@a ",
    ],
)
def test_a_long_post_takes_little_time(part: str) -> None:
    post = (part * 5000)[:5000]
    retell_japanese(post, Intent.COMPLAINT)
    started = time.process_time()
    retell_japanese(post, Intent.COMPLAINT)
    assert time.process_time() - started < 0.1
