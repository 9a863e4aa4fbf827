"""``/settings/model``: what an administrator learns of the model, and that nobody else does."""

import dataclasses
import re
from pathlib import Path

import pytest

from classifier.artefact import SHIPPED, read_artefact, read_description
from classifier.backends import MODELS
from classifier.evaluation.kept import EVALUATION_FILE, write_evaluation
from classifier.promotions import Event, HistoryLine, note
from classifier.versions import promote, write_version
from config.locale import LANGUAGES, catalogue, text
from desk.model_view import find_evaluation, find_in_force, lay_out
from desk.rendering import HERE
from domain.words import Intent, Role, Topic
from storage.database import Database
from storage.models import User
from storage.people import change_preferences
from storage.understanding import correct_classification
from tests.cast import NOON, OURS
from tests.desk.conftest import OpenDesk
from tests.desk.model_figures import keep
from tests.desk.setting import hire, make_context
from tests.desk.stage import Scene

PAGE = "/settings/model"
SHIPPED_ID = read_description(SHIPPED).model_id


@pytest.fixture
def chief(database: Database) -> User:
    """An administrator of our workspace."""
    with database.transaction(OURS) as tx:
        return hire(tx, "chief", Role.ADMIN)


@pytest.mark.usefixtures("scene")
def test_only_those_who_manage_the_desk_open_it_or_see_its_entry(
    open_desk: OpenDesk, aoi: User, ben: User, dana: User, chief: User
) -> None:
    for user in (dana, aoi, ben):
        assert open_desk(user).get(PAGE).status_code == 403
        assert PAGE not in open_desk(user).get("/inbox").text
    assert open_desk(None).get(PAGE).headers["location"].startswith("/sign-in?to=%2Fsettings")
    desk = open_desk(chief)
    assert f'href="{PAGE}"' in desk.get("/inbox").text
    assert desk.get(PAGE).status_code == 200


@pytest.mark.usefixtures("scene")
def test_it_says_which_model_reads_and_how_to_measure_it(open_desk: OpenDesk, chief: User, tmp_path: Path) -> None:
    shown = open_desk(chief).get(f"{PAGE}?on=own").text
    assert SHIPPED_ID in shown
    assert "Ships with Kikite" in shown
    assert "Not measured yet" in shown
    assert f"kikite evaluate --own --keep --home {tmp_path}" in shown


@pytest.mark.usefixtures("scene")
def test_kept_figures_are_shown_with_pictures_and_tables(open_desk: OpenDesk, chief: User, tmp_path: Path) -> None:
    made = keep(tmp_path, model_id=SHIPPED_ID, source="corpus")
    shown = open_desk(chief).get(PAGE).text
    intent = made.scores.slices["all"]["intent"]
    assert f"<b>{intent.macro_f1:.2f}</b>" in shown
    assert "240 posts of 60 scenes" in shown
    drawn = re.findall(r'<svg [^>]*role="img" aria-labelledby="([^"]+) ([^"]+)"', shown)
    assert len(drawn) > 10
    for title, desc in drawn:
        assert f'<title id="{title}">' in shown
        assert f'<desc id="{desc}">' in shown
    pictures = shown.count('<figure class="chart')
    assert pictures == len(drawn) == shown.count("<details><summary>As a table")
    assert 'style="' not in shown  # the desk's policy lets no inline style through


@pytest.mark.usefixtures("scene")
def test_figures_can_be_read_by_language(open_desk: OpenDesk, chief: User, tmp_path: Path) -> None:
    made = keep(tmp_path, model_id=SHIPPED_ID, source="corpus")
    desk = open_desk(chief)
    japanese, english = (made.scores.slices[f"language:{one}"]["intent"].macro_f1 for one in LANGUAGES)
    assert japanese != english
    assert f"<b>{japanese:.2f}</b>" in desk.get(f"{PAGE}?language=ja").text
    assert f"<b>{english:.2f}</b>" in desk.get(f"{PAGE}?language=en").text
    assert desk.get(f"{PAGE}?language=%3Cscript%3E&on=x").status_code == 200


@pytest.mark.usefixtures("scene")
def test_figures_of_another_model_are_not_shown_as_this_ones(open_desk: OpenDesk, chief: User, tmp_path: Path) -> None:
    keep(tmp_path, model_id="another-model", source="own")
    assert "Not measured yet" in open_desk(chief).get(f"{PAGE}?on=own").text


@pytest.mark.usefixtures("scene")
def test_a_broken_file_of_figures_breaks_nothing(open_desk: OpenDesk, chief: User, tmp_path: Path) -> None:
    keep(tmp_path, model_id=SHIPPED_ID, source="own")
    folder = tmp_path / MODELS / "evaluations"
    (folder / "99999999T000000Z-own.json").write_text('{"format": 1, "scores": []}')
    assert "240 posts of 60 scenes" in open_desk(chief).get(f"{PAGE}?on=own").text


def test_corrections_that_wait_are_counted_with_the_command_that_teaches(
    open_desk: OpenDesk, database: Database, scene: Scene, chief: User, aoi: User
) -> None:
    with database.transaction(OURS) as tx:
        for thread in (scene.student, scene.coat, scene.praise, scene.venting):
            correct_classification(
                tx,
                mention_id=thread.mention.id,
                user_id=aoi.id,
                intent=Intent.COMPLAINT,
                topic=Topic.PRICE,
                trainable=True,
            )
    shown = open_desk(chief).get(PAGE).text
    waiting = re.search(r"(\d) corrections? waits? to be learned from", shown)
    assert waiting
    held = re.search(r"(\d) corrections? (?:is|are) held out", shown)
    assert int(waiting[1]) + (int(held[1]) if held else 0) == 4
    assert "kikite train --corrections" in shown


def test_a_model_that_cannot_be_read_is_said_with_its_remedy(database: Database, tmp_path: Path) -> None:
    settings = make_context(database, OURS, tmp_path).settings
    broken = settings.classifier.model_copy(update={"model": str(tmp_path / "nowhere")})
    in_force = find_in_force(settings.model_copy(update={"classifier": broken}))
    assert in_force.model_id == ""
    assert "nowhere" in in_force.problem


def test_the_figures_beside_a_model_count_until_newer_ones_are_kept(database: Database, tmp_path: Path) -> None:
    settings = make_context(database, OURS, tmp_path).settings
    folder = tmp_path / "model"
    folder.mkdir()
    in_force = dataclasses.replace(find_in_force(settings), folder=folder)
    assert find_evaluation(settings, in_force, "corpus") is None
    lying = keep(tmp_path / "elsewhere", model_id=in_force.model_id, source="corpus")
    write_evaluation(folder / EVALUATION_FILE, lying)
    assert find_evaluation(settings, in_force, "corpus") == lying
    assert find_evaluation(settings, in_force, "own") is None
    foreign = dataclasses.replace(lying, scores=dataclasses.replace(lying.scores, model_id="another"))
    write_evaluation(folder / EVALUATION_FILE, foreign)
    assert find_evaluation(settings, in_force, "corpus") is None


def test_keyword_lists_have_figures_too(database: Database, tmp_path: Path) -> None:
    settings = make_context(database, OURS, tmp_path).settings
    plain = settings.model_copy(update={"classifier": settings.classifier.model_copy(update={"backend": "keyword"})})
    made = keep(tmp_path, model_id="keyword-ja-en-1", source="corpus")
    assert find_evaluation(plain, find_in_force(plain), "corpus") == made


def test_a_language_nobody_was_measured_in_has_no_figures(tmp_path: Path) -> None:
    made = keep(tmp_path, model_id="x", source="own")
    slices = {name: heads for name, heads in made.scores.slices.items() if name != "language:en"}
    only = dataclasses.replace(made, scores=dataclasses.replace(made.scores, slices=slices))
    assert lay_out(only, "en") is None
    figures = lay_out(only, "ja")
    assert figures is not None
    assert {bar.language for group in figures.bars.groups for bar in group.bars} == {"ja"}


def test_every_word_the_page_asks_for_exists() -> None:
    known = catalogue("model_page")
    asked = set()
    for template in (HERE / "templates").rglob("*.html"):
        asked |= set(re.findall(r'say\("model_page\.([a-z_.0-9]+[a-z0-9])"', template.read_text(encoding="utf-8")))
    assert len(asked) > 40
    assert [key for key in sorted(asked) if key not in known] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.usefixtures("scene")
def test_no_code_shows_through_in_either_language(
    open_desk: OpenDesk, database: Database, chief: User, tmp_path: Path, language: str
) -> None:
    keep(tmp_path, model_id=SHIPPED_ID, source="corpus")
    desk = open_desk(chief)
    with database.transaction(OURS) as tx:
        change_preferences(tx, user_id=chief.id, language=language, theme="auto", single_keys=True)
    main = desk.get(PAGE).text.split("<main")[1].partition(">")[2]
    shown = re.sub(r"<code>.*?</code>|<[^>]+>", " ", main, flags=re.DOTALL)
    assert re.findall(r"\b[a-z]+_[a-z_]+", shown) == []
    assert text("model_page.grave.title", language) in shown
    assert text("model_page.slice.complaint_as_question", language) in shown


def gate(**heads: tuple[float, float]) -> dict[str, object]:
    """A gate's report: macro-F1 before and after on the corpus, per head."""
    rows = [
        {"held_out": "corpus", "language": "all", "head": head, "before": before, "after": after, "change": "gained"}
        for head, (before, after) in heads.items()
    ]
    return {"gate": {"passed": True, "comparisons": [*rows, {**rows[0], "language": "ja", "after": 0.0}, "nonsense"]}}


@pytest.mark.usefixtures("scene")
def test_versions_are_listed_with_what_the_gate_saw_and_the_last_decision(
    open_desk: OpenDesk, chief: User, tmp_path: Path
) -> None:
    shipped = read_artefact(SHIPPED)
    models, name = tmp_path / MODELS, "c40-20260702-0900"
    told = dataclasses.replace(
        shipped.description,
        model_id="refitted-1",
        parent=SHIPPED_ID,
        corrections=40,
        scores=gate(intent=(0.70, 0.80), topic=(0.60, 0.60)),
    )
    write_version(models, name, description=told, heads=shipped.heads)
    promote(models, name, now=NOON, who="<b>ben</b>", why="own: intent gained 10 points")
    page = open_desk(chief).get(PAGE).text
    assert "refitted-1" in page
    assert "40 corrections by your people" in page
    assert "0.65 → 0.70" in page
    assert f"{name} was put in force." in page
    assert "By &lt;b&gt;ben&lt;/b&gt;" in page
    assert "own: intent gained 10 points" in page
    assert "kikite models rollback" in page
    note(models, HistoryLine(at="yesterday", event=Event.REFUSED, name="c41", who="aoi", why="topic lost 3 points"))
    page = open_desk(chief).get(PAGE).text
    assert "c41 was not put in force; the model stays as it is." in page
    assert "topic lost 3 points" in page
