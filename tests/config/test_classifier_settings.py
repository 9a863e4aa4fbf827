"""Tables within a table, label maps and the second opinion: read from file and environment, mistakes named."""

import pytest

from tests.config.conftest import DraftHome

SECOND = """
[classifier.second_opinion]
base_url = "http://127.0.0.1:8080/v1/"
model = "local"
api_key_file = "secrets/second_opinion"
"""


def test_a_table_within_a_table_is_read_with_its_secret(home: DraftHome) -> None:
    home.write("kikite.toml", SECOND)
    home.write("secrets/second_opinion", "sk-local\n")

    second = home.load().classifier.second_opinion

    assert (second.base_url, second.model) == ("http://127.0.0.1:8080/v1", "local")
    assert second.api_key.get_secret_value() == "sk-local"
    assert "sk-local" not in repr(second)


def test_the_environment_changes_one_key_of_a_table_within_a_table(home: DraftHome) -> None:
    home.write("kikite.toml", SECOND)
    home.write("secrets/other", "sk-other\n")

    second = home.load(
        {
            "KIKITE_CLASSIFIER__SECOND_OPINION__MODEL": "larger",
            "KIKITE_CLASSIFIER__SECOND_OPINION__API_KEY_FILE": "secrets/other",
        }
    ).classifier.second_opinion

    assert (second.base_url, second.model) == ("http://127.0.0.1:8080/v1", "larger")
    assert second.api_key.get_secret_value() == "sk-other"


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (
            "http://x/v1",
            "kikite.toml:1 (classifier.second_opinion): base_url needs 'model' beside it",
        ),
        ("ftp://x", "environment (KIKITE_CLASSIFIER__SECOND_OPINION__BASE_URL): must begin with https:// or http://."),
    ],
)
def test_a_mistake_within_a_table_names_where_it_stands(home: DraftHome, value: str, complaint: str) -> None:
    home.write("kikite.toml", "")
    (said,) = home.complaints({"KIKITE_CLASSIFIER__SECOND_OPINION__BASE_URL": value})
    assert said.startswith(complaint)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('LABEL_0 = "sentiment:bad"', "after 'sentiment:' stands one of negative, neutral, positive"),
        ('LABEL_0 = "mood:bad"', "'mood:bad' begins with none of sentiment, intent"),
        ('LABEL_0 = "intent:praise@fr"', "after '@' stands ja or en"),
    ],
)
def test_a_label_map_knows_our_vocabulary_only(home: DraftHome, line: str, complaint: str) -> None:
    home.write("kikite.toml", f"\n[classifier.label_map]\n{line}\n")
    (said,) = home.complaints()
    assert complaint in said
    assert "classifier.label_map" in said


def test_a_label_map_is_kept_as_it_was_written(home: DraftHome) -> None:
    home.write("kikite.toml", '\n[classifier.label_map]\n"1 star" = "sentiment:negative"\nspam = "ignore"\n')
    assert home.load().classifier.label_map == {"1 star": "sentiment:negative", "spam": "ignore"}


def test_a_hypothesis_keeps_the_place_for_the_candidate(home: DraftHome) -> None:
    home.write("kikite.toml", '\n[classifier.hypothesis]\nja = "これは苦情です。"\n')
    (said,) = home.complaints()
    assert "needs {} once" in said

    home.write("kikite.toml", '\n[classifier.hypothesis]\nja = "これは{}だ。"\n')
    assert home.load().classifier.hypothesis == {"ja": "これは{}だ。", "en": "This post is {}."}
