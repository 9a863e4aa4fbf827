"""Whatever a store's answer holds, reading it raises nothing and takes nothing for a review that is none."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from listener.channels.app_store.reading import read_reviews as read_app_store
from listener.channels.google_play.reading import read_reviews as read_google_play
from listener.reviews import read_mention

ODD = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
APP_STORE_NAMES = st.sampled_from(
    ["data", "id", "type", "attributes", "createdDate", "title", "body", "rating", "territory", "included", "response"]
)
GOOGLE_PLAY_NAMES = st.sampled_from(
    ["reviews", "reviewId", "comments", "userComment", "developerComment", "text", "lastModified", "seconds", "nanos"]
)


def documents(names: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Return anything JSON can say, with a store's own names in it."""
    return st.recursive(ODD, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(names, inside, max_size=5))


@given(st.lists(documents(APP_STORE_NAMES), max_size=4), documents(APP_STORE_NAMES))
def test_the_app_stores_answers_may_hold_anything(entries: list[Any], included: Any) -> None:  # noqa: ANN401 - anything
    for document in ({"data": entries, "included": included}, {"data": entries, "included": [included]}):
        reviews, unreadable = read_app_store(document, app_id="1")
        assert len(reviews) + len(unreadable) == len(entries)


@given(st.lists(documents(GOOGLE_PLAY_NAMES), max_size=4))
def test_google_plays_answers_may_hold_anything(entries: list[Any]) -> None:
    reviews, unreadable = read_google_play({"reviews": entries}, package_name="a.b")
    assert len(reviews) + len(unreadable) == len(entries)


@given(
    st.fixed_dictionaries(
        {
            "text": st.text(min_size=1),
            "lastModified": st.fixed_dictionaries({"seconds": st.integers().map(str), "nanos": ODD}),
            "starRating": ODD,
            "androidOsVersion": ODD,
            "deviceMetadata": documents(GOOGLE_PLAY_NAMES),
        }
    ),
    st.text(),
)
def test_a_review_with_odd_parts_becomes_a_mention_with_sane_ones(said: dict[str, Any], name: str) -> None:
    entry = {"reviewId": "r", "authorName": name, "comments": [{"userComment": said}]}
    reviews, _ = read_google_play({"reviews": [entry]}, package_name="a.b")
    for review in reviews:
        mention = read_mention(review, turn=0)
        assert mention.rating in {None, 1, 2, 3, 4, 5}
        assert mention.author.handle
        assert mention.created_at.tzinfo is not None
        assert all(isinstance(fact, str) for fact in mention.platform_data.values())
