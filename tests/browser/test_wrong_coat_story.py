"""The story that must always work: a green coat was ordered, a blue one came. On a real Bluesky network, in a real browser.

Her post → poll → queue → Ben changes one word → hold → exactly one reply, read back through her own account → the follow-up,
planned by itself and moved to today by Ben → she writes that all is well → one question → her number is the score and the case
is closed → the digest mail, received over SMTP, shows the case.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.running_product import RunningProduct, run_kikite
from tests.partners.bluesky_customer import Customer, PublicPost
from tests.partners.bluesky_network import BlueskyNetwork
from tests.partners.smtp import Mailbox

pytestmark = [pytest.mark.partner, pytest.mark.browser]

HOLD_SECONDS = 3
WITHIN_SECONDS = 40
TOKYO = ZoneInfo("Asia/Tokyo")
Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the story says in one language."""

    language: str
    post: str
    change: tuple[tuple[str, str], ...]
    """Words that a draft may hold, and what Ben puts in the place of the first he finds."""
    complaint: str
    sent: str
    happy: str
    score: str
    survey: str
    solved: str


STORIES = (
    Words(
        language="ja",
        post="緑のコートを注文したのに、届いたのは青いコートでした。注文内容を確認したのですが、やっぱり緑です。交換してもらえますか?",
        change=(
            ("このたびは", "この度は"),
            ("誠に", "まことに"),
            ("お送り", "お届け"),
            ("ご連絡", "お知らせ"),
            ("いただき", "くださり"),
            ("お客様係", "係"),
            ("申し訳", "申しわけ"),
            ("お詫び", "おわび"),
        ),
        complaint="苦情",
        sent="送信済み",
        happy="今日、緑のコートが無事に届きました!ありがとうございました。",
        score="5です!",
        survey="アンケート",
        solved="解決済みにしました",
    ),
    Words(
        language="en",
        post="I ordered a green winter coat and a blue one turned up. I checked my order twice, it says green. Can you swap it?",
        change=(
            ("thank you for", "thanks for"),
            ("Thank you for", "Thanks for"),
            ("really sorry", "truly sorry"),
            ("very sorry", "so sorry"),
            ("so sorry", "very sorry"),
        ),
        complaint="Complaint",
        sent="Sent",
        happy="The green one arrived today, thank you so much!",
        score="5/5",
        survey="Survey",
        solved="closed the case as solved",
    ),
)


@pytest.fixture
def shop(bluesky_network: BlueskyNetwork) -> Customer:
    return bluesky_network.create_account("mizunara", "Mizunara Clothing")


@pytest.fixture
def home(tmp_path: Path, shop: Customer, bluesky_network: BlueskyNetwork, mailbox: Mailbox) -> Path:
    """A home as a shop would have it: one Bluesky account, mail, two people."""
    folder = tmp_path / "home"
    run_kikite("init", "--yes", "--demo", "--home", str(folder), "--login", "admin")
    (folder / "secrets" / "bluesky").write_text(shop.app_password(), encoding="utf-8")
    (folder / "kikite.toml").write_text(
        f"""
[workspace]
name = "Mizunara"
language = "ja"
time_zone = "Asia/Tokyo"
[desk]
hold_seconds = {HOLD_SECONDS}
[clock]
poll_seconds = 5
step_seconds = 0.2
[mail]
host = "127.0.0.1"
port = {mailbox.port}
security = "none"
from_address = "desk@shop.example"
[[channel]]
name = "bluesky"
kind = "bluesky"
[channel.options]
handle = "{shop.handle}"
service = "{bluesky_network.pds}"
chat_did = "{bluesky_network.chat_did}"
[channel.secrets]
app_password_file = "secrets/bluesky"
""",
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def product(home: Path) -> Iterator[RunningProduct]:
    with RunningProduct(home) as running:
        yield running


@pytest.mark.parametrize("words", STORIES, ids=lambda words: words.language)
def test_the_wrong_coat(
    words: Words,
    bluesky_network: BlueskyNetwork,
    shop: Customer,
    product: RunningProduct,
    mailbox: Mailbox,
    browser: Browser,
) -> None:
    hanako = bluesky_network.create_account("hanako", "花子" if words.language == "ja" else "Hannah")
    post = hanako.post(words.post, mention=shop, languages=[words.language])
    began = time.monotonic()

    run_kikite(
        "people", "add", f"ben-{words.language}", "--name", "Ben", "--role", "approver",
        "--language", words.language, "--home", str(product.home),
    )  # fmt: skip
    context = browser.new_context(viewport={"width": 1360, "height": 900})
    page = context.new_page()
    sign_in(page, product.sign_in_address(f"ben-{words.language}"))

    row = find_row(page, words, product)
    assert time.monotonic() - began < WITHIN_SECONDS
    expect(row).to_contain_text(words.complaint)
    row.locator("a.who").click()
    expect(page.locator("#work article").first).to_contain_text(words.post[:14])

    approved = change_one_word(page, words)
    page.locator("button[data-act=approve]").click()
    expect(page.locator("#toast .toast")).to_be_visible()
    assert hanako.replies_to(post.uri) == [], "the reply left before its hold was over"

    (reply,) = wait_for(lambda: hanako.replies_to(post.uri))
    assert reply.text == approved
    assert reply.author_did == shop.did
    page.goto(product.url + "/sent")
    reload_until(page, page.locator("article.delivery .chip", has_text=words.sent), product)
    expect(page.locator("article.delivery").first).to_contain_text(approved.splitlines()[0][:20])
    wait_for(lambda: time.monotonic() - began > HOLD_SECONDS * 4)
    assert len(hanako.replies_to(post.uri)) == 1
    come_back_until_it_is_settled(page, words, product=product, hanako=hanako, post=post)
    context.close()

    check_digest(product.home, mailbox, words, post)


def come_back_until_it_is_settled(
    page: Page, words: Words, *, product: RunningProduct, hanako: Customer, post: PublicPost
) -> None:
    """Follow-up, her thanks, the question, her number: each text of ours approved by Ben and read on the platform once."""
    page.goto(product.url + "/follow-ups")
    plan = page.locator("article.follow-up", has_text=words.post[:14])
    reload_until(page, plan.locator("input[name=days]"), product)
    plan.locator("input[name=days]").fill("0")
    plan.locator("form[action$='/move'] button").click()
    follow_up = approve_what_is_planned(page, product)
    wait_for(lambda: len(hanako.replies_to(post.uri)) > 1)
    first, second = hanako.replies_to(post.uri)
    assert follow_up == second.text != first.text

    happy = hanako.reply(second.uri, words.happy)
    question = approve_what_is_planned(page, product, shows=words.survey)
    (asked,) = wait_for(lambda: hanako.replies_to(happy.uri))
    assert asked.text == question

    hanako.reply(asked.uri, words.score)
    page.goto(product.url + "/follow-ups")
    page.locator("#over + article.follow-up a").first.click()
    score = page.locator("#after .survey .chip", has_text="5 / 5")
    reload_until(page, score, product)
    expect(page.locator("ul.history")).to_contain_text(words.solved)
    assert len(hanako.replies_to(post.uri)) == 2
    assert len(hanako.replies_to(happy.uri)) == 1


def approve_what_is_planned(page: Page, product: RunningProduct, *, shows: str = "") -> str:
    """Wait for the one draft of our own accord, approve it as it stands and return its text."""
    page.goto(product.url + "/inbox?split=follow_up")
    row = page.locator("#queue li.row .chip.purpose", has_text=shows)
    reload_until(page, row, product)
    page.locator("#queue li.row a.who").first.click()
    expect(page.locator("#draft .chip.purpose")).to_contain_text(shows)
    text = page.locator("textarea#text").input_value()
    page.locator("button[data-act=approve]").click()
    done = page.locator("#toast .toast")
    again = page.locator("section.refusal.c-warn")
    expect(done.or_(again).first).to_be_visible()
    if again.count():
        page.locator("button[data-act=approve]").click()
    expect(done).to_be_visible()
    return text


def reload_until(page: Page, wanted: Locator, product: RunningProduct) -> None:
    """Look again each second, as long as the clock may take to come round twice."""
    for _look in range(WITHIN_SECONDS * 2):
        if wanted.count():
            return
        page.wait_for_timeout(1000)
        page.reload()
    raise AssertionError("\n".join([page.inner_text("body"), *product.said]))


def sign_in(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_url(re.compile(r"/inbox"))


def find_row(page: Page, words: Words, product: RunningProduct) -> Locator:
    row = page.locator("#queue li.row", has_text=words.post[:14])
    for _look in range(WITHIN_SECONDS):
        if row.count() and row.locator(".dot").count():
            return row.first
        page.wait_for_timeout(1000)
        page.reload()
    raise AssertionError("\n".join([page.inner_text("body"), *product.said]))


def change_one_word(page: Page, words: Words) -> str:
    """Change a word of the first public option as a person would, and return the whole text."""
    field = page.locator("textarea#text")
    expect(field).not_to_have_value("")
    proposed = field.input_value()
    old, new = next((pair for pair in words.change if pair[0] in proposed), ("", ""))
    assert old, proposed
    approved = proposed.replace(old, new, 1)
    field.fill(approved)
    expect(page.locator("#findings")).to_be_visible()
    page.wait_for_timeout(800)  # the desk measures what was typed; the button works before that too
    return approved


def check_digest(home: Path, mailbox: Mailbox, words: Words, post: PublicPost) -> None:
    """Set the digest's hour to now, run the command, and read the mail as its reader gets it."""
    file = home / "kikite.toml"
    now = datetime.now(TOKYO).time().isoformat("seconds")
    reader = f'\n[digest]\ndaily_at = "{now}"\nreaders = [{{ address = "lead@shop.example", language = "{words.language}" }}]\n'
    settings, _, channels = file.read_text(encoding="utf-8").partition("[[channel]]")
    file.write_text(settings.split("[digest]")[0] + reader + "[[channel]]" + channels, encoding="utf-8")
    already = len(mailbox.letters)
    assert mail_digest(home) == (1, 1)
    (mail,) = mailbox.letters[already:]
    body, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert body is not None
    assert html is not None
    for part in (body.get_content(), html.get_content()):
        assert words.post[:12] in part
        assert "/inbox/" in part
    assert post.author_handle not in str(mail["Subject"])
    assert mail_digest(home) == (0, 0)


def mail_digest(home: Path) -> tuple[object, object]:
    done = run_kikite("digest", "--period", "daily", "--home", str(home))
    return done["composed"], done["sent"]


def wait_for(look: Callable[[], Found]) -> Found:
    for _try in range(WITHIN_SECONDS * 4):
        if found := look():
            return found
        time.sleep(0.25)
    msg = "it did not happen in time"
    raise AssertionError(msg)
