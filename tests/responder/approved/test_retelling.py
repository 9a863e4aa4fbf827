"""When an approved reply is offered again, and when the case is not the same after all."""

from dataclasses import replace

import pytest

from domain.words import Language, Visibility
from storage.database import Database
from storage.models import User
from tests.cast import OURS
from tests.responder.approved.earlier import (
    answer,
    ask,
    compose,
    is_approved,
    make_approved_drafter,
)
from tests.responder.composing import COMPLAINT, PRAISE, composer, playbooks

LATE = {
    Language.EN: "My parcel still has not arrived and I have been waiting for two weeks.",
    Language.JA: "荷物がまだ届きません。もう2週間待っています。",
}


def store(database: Database, by: User, language: Language) -> None:
    drafted = compose(LATE[language], language)
    with database.transaction(OURS) as tx:
        answer(tx, LATE[language], drafted.text, by=by, language=language, drafted=drafted)


@pytest.mark.parametrize("language", [Language.EN, Language.JA])
def test_it_stands_first_with_its_provenance_and_the_composers_options_follow(
    database: Database, ben: User, language: Language
) -> None:
    store(database, ben, language)
    drafter = make_approved_drafter(database, inner=composer())

    first, *others = ask(database, LATE[language], language=language, drafter=drafter)

    assert is_approved(first)
    assert first.facts_used == ("fact.approved|Ben, 2026-11-20, 1", "fact.approved_times|1")
    assert others
    assert not any(is_approved(one) for one in others)


@pytest.mark.parametrize(
    ("language", "post"),
    [
        (Language.EN, "My parcel has arrived and I have been waiting for two weeks."),
        (Language.EN, "My Gretsch parcel still has not arrived and I have been waiting for two weeks."),
        (Language.EN, "Parcel 3 of 4 still has not arrived and I have been waiting for two weeks."),
        (Language.EN, "My parcel still has not arrived."),
        (Language.EN, "My refund still has not come and I have been waiting for two weeks, it was a gift for my aunt."),
        (Language.JA, "荷物が届きました。もう2週間待っています。"),
        (Language.JA, "ヤマハの荷物がまだ届きません。もう2週間待っています。"),
        (Language.JA, "荷物が3個まだ届きません。もう2週間待っています。"),
        (Language.JA, "荷物がまだ届きません。"),
        (Language.JA, "返金がまだされません。叔母への贈り物で、もう2週間待っています。"),
    ],
)
def test_another_case_gets_none_of_it(database: Database, ben: User, language: Language, post: str) -> None:
    store(database, ben, language)
    assert ask(database, LATE[language], language=language), "the very same post does"
    assert not ask(database, post, language=language)


def test_the_same_words_with_another_intent_are_another_case(database: Database, ben: User) -> None:
    store(database, ben, Language.EN)
    assert not ask(database, LATE[Language.EN], language=Language.EN, prediction=PRAISE)


def test_where_nobody_can_write_in_private_nobody_is_invited_to(database: Database, ben: User) -> None:
    store(database, ben, Language.EN)
    assert not ask(database, LATE[Language.EN], language=Language.EN, visibilities=(Visibility.PUBLIC,))


def test_where_a_person_must_find_the_words_nothing_is_told_again(database: Database, ben: User) -> None:
    store(database, ben, Language.EN)
    abuse = replace(COMPLAINT, abuse=True)
    assert not ask(database, LATE[Language.EN], language=Language.EN, prediction=abuse)


def test_what_is_said_only_to_some_is_told_to_nobody_else(database: Database, ben: User) -> None:
    again = next(
        wording.text
        for playbook in playbooks()
        if playbook.language == "en"
        for move in playbook.moves
        for wording in move.wordings
        if "again" in {*move.when, *wording.needs} and "{" not in wording.text
    )
    drafted = compose(LATE[Language.EN], Language.EN)
    with database.transaction(OURS) as tx:
        answer(tx, LATE[Language.EN], f"{again} {drafted.text}", by=ben, drafted=drafted)
    assert not ask(database, LATE[Language.EN], language=Language.EN)
