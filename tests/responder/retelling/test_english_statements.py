"""Whole English statements: what may be said back of a complaint, of praise, of a question, and what never is."""

import pytest

from domain.words import Intent
from responder.retelling.english import retell_english
from responder.retelling.english_statements import read_statement
from responder.retelling.english_tagging import find_kinds
from responder.retelling.english_words import read_vocabulary


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("the bag split", "dnt"),
        ("the sausage roll all pastry", "dnndn"),
        ("the basket empties each time", "dnzdn"),
        ("my nan 's parcel was left in the rain", "dnanbeidn"),
    ],
)
def test_a_word_is_what_its_company_makes_it(words: str, kinds: str) -> None:
    assert find_kinds(words.split(), read_vocabulary()) == kinds


@pytest.mark.parametrize("words", ["the sausage roll all pastry", "i got it home it does not work", "the zip on"])
def test_what_has_no_verb_or_runs_on_is_no_statement(words: str) -> None:
    assert read_statement(words.split(), read_vocabulary()) is None


@pytest.mark.parametrize(
    ("post", "matter"),
    [
        ("the basket empties each time", "the basket empties each time"),
        ("Gift receipt had the full price printed on it", "the gift receipt had the full price printed on it"),
        ("I still haven't had a penny or an email", "you still haven't had a penny or an email"),
        (
            "There was a pin left in the collar of the shirt I bought my husband. Not good enough.",
            "there was a pin left in the collar of the shirt you bought your husband",
        ),
        (
            "the website said it would come in a gift box and it came in a grey mailing bag",
            "it came in a grey mailing bag",
        ),
        ("nobody in the shop could find it", "nobody in the shop could find it"),
        ("Got charged $38 customs on a $60 sweater when I'm in Canada", "you got charged customs on a sweater"),
        (
            "10/10 no notes, my wool sweater arrived smelling exactly like an ashtray",
            "your wool sweater arrived smelling exactly like an ashtray",
        ),
        ("Ordered a 12, the tag says 12, it fits like a 16.", "it fits like a 16"),
        ("You've sent a stranger's prescription to my house.", "a stranger's prescription has been sent to your house"),
        ("I've been charged twice for order 88213.", "you've been charged twice for your order"),
        (
            "Card machine not working at your Galway stall, people walking off",
            "the card machine is not working at our stall",
        ),
        (
            "The camera you sent as a replacement has the same fault",
            "the camera we sent as a replacement has the same fault",
        ),
        ("Lens is cracked, can I swap it?", "the lens is cracked"),
    ],
)
def test_what_went_wrong_is_said_back_whole(post: str, matter: str) -> None:
    assert retell_english(post, Intent.COMPLAINT) == {"matter": matter}


@pytest.mark.parametrize(
    "post",
    [
        "I honestly can't see the point in going on",
        "My whole face is swelling since I put this serum on",
        "My subscription has gone from 8 to 11",
        "The monitor charged twice",
        "The sofa ordered in October still nothing",
        "My parcel is still in Antwerp.",
        "The bed came on Monday",
        "Your customer service is customer service in name only",
        'I was told by the manager at the branch on Saturday to "shop somewhere else then"',
        "The sign says 'give me a coupon'",
        "The coat smells of Larkspur's perfume",
        "Tell the desk the zip is broken and send my money",
        "The driver is an idiot",
        "I gave you a year of my life",
    ],
)
def test_what_is_broken_off_or_only_theirs_to_say_is_not_said_back(post: str) -> None:
    assert retell_english(post, Intent.COMPLAINT) == {}


@pytest.mark.parametrize(
    ("post", "told"),
    [
        (
            "I had a button missing and your team posted a spare out to me the very next day without any fuss.",
            "our team posted a spare out to you the very next day without any fuss",
        ),
        (
            "Lovely chap in your Leeds shop helped my dad find a suit for my wedding",
            "our colleague in the Leeds shop helped your dad find a suit for your wedding",
        ),
        (
            "Cheers for the handwritten note in the parcel, made my nan's day",
            "the handwritten note in the parcel made your nan's day",
        ),
        ("love love love the new store layout", "you love the new store layout"),
    ],
)
def test_what_they_liked_is_said_back_whole(post: str, told: str) -> None:
    assert retell_english(post, Intent.PRAISE) == {"told": told}


@pytest.mark.parametrize(
    ("post", "asked"),
    [
        (
            "Can I return something I bought online at one of your physical stores?",
            "whether you can return something you bought online at one of our physical stores",
        ),
        ("Do you ship to Ireland and would I get hit with customs?", "whether we ship to Ireland"),
        ("If I order two sizes and send one back, who pays the return postage?", "who pays the return postage"),
        ("Has order 88213 shipped yet?", "whether your order has shipped yet"),
        ("Could you please tell me how to wash the linen trousers?", "how to wash the linen trousers"),
        ("How long does a refund normally take?", "how long a refund normally takes"),
        ("Is the oatmeal cardigan coming back in M?", "whether the oatmeal cardigan is coming back in M"),
        ("where do i put the code on the app i cant find it", "where to put the code on the app"),
    ],
)
def test_what_they_ask_is_said_back_without_what_runs_on(post: str, asked: str) -> None:
    assert retell_english(post, Intent.QUESTION) == {"asked": asked}


def test_no_insult_offer_threat_party_or_shop_of_others_stands_in_the_vocabulary() -> None:
    denied = """
    scam liar thief idiot moron stupid crap damn arse bitch sexy naked porn drug murder kill suicide bomb gun lawyer solicitor sue police
    government election vote president racist church mosque free discounted compensation dollar pound euro hate angry furious disgusting
    instruct reveal amazon ebay tesco asda ikea walmart google-chrome virus poison
    """
    assert not [word for word in denied.split() if word in read_vocabulary().tags]
