"""Whatever a person or a program writes into the settings: they load, or a ``ConfigError`` says why. Nothing else."""

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.environment import SECTIONS
from config.loading import load_settings
from config.reference import list_settings
from domain.errors import ConfigError

KEYS = st.sampled_from(sorted({setting.key for setting in list_settings()} | {"password_file", "key_file", "id", "x"}))
SCALARS = (
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=True)
    | st.booleans()
    | st.sampled_from(["ja", "sandbox", "shop", "127.0.0.1", "../kikite.toml", "12:00"])
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)
SECTION = st.sampled_from([*SECTIONS, "channel", "home", "mial"])
DOCUMENTS = st.dictionaries(
    SECTION,
    VALUES
    | st.dictionaries(KEYS, VALUES, max_size=4)
    | st.lists(st.dictionaries(KEYS, VALUES, max_size=5), max_size=3),
    max_size=5,
)
VARIABLES = st.dictionaries(
    st.builds(
        "KIKITE_{}{}{}{}".format,
        SECTION.map(str.upper),
        st.sampled_from(["_", "__"]),
        KEYS.map(str.upper),
        st.sampled_from(["", "_FILE"]),
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    max_size=3,
)


def as_toml(value: Any) -> str:  # noqa: ANN401 - any document
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {as_toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, value))}]"
    if isinstance(value, float):
        return str(value) if "." in str(value) or "n" in str(value) else f"{value:.1e}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(document=DOCUMENTS, environ=VARIABLES)
def test_any_document_loads_or_is_refused_in_words(
    tmp_path: Path, document: dict[str, Any], environ: dict[str, str]
) -> None:
    text = "\n".join(f"{section} = {as_toml(value)}" for section, value in document.items())
    (tmp_path / "kikite.toml").write_text(text, encoding="utf-8")
    try:
        loaded = load_settings(tmp_path, environ=environ)
    except ConfigError as error:
        assert error.place.file  # noqa: PT017 - both ends are fine; only the form of the refusal is asserted
        assert error.remedy  # noqa: PT017 - the same
    else:
        assert loaded.home == tmp_path
