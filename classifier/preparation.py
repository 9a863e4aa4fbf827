"""How a text looks to the model: the same in training and in service.

Addresses and handles are masked, because labels leak through them; what varies without meaning is made one.
"""

import re
import unicodedata
from typing import Final

HEAD_CHARACTERS: Final = 1_600
TAIL_CHARACTERS: Final = 400
"""A longer text is read from both ends: what happened stands first, what is asked for last."""
LONGEST_RUN: Final = 4

_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_DRESS = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff\u200d]")  # variation, skin tone, joiner
_ADDRESS = re.compile(r"https?://[^\s<>「」、。]+|www\.[^\s<>「」、。]+", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_HANDLE = re.compile(r"(?<![\w@])@[\w][\w.-]{0,252}")
_RUN = re.compile(r"(.)\1{4,}", re.DOTALL)
_SPACE = re.compile(r"\s+")


def prepare_text(text: str) -> str:
    """Return ``text`` as the tokenizer gets it: NFKC, masked, one line, at most about 2,000 characters. Never raises."""
    if len(text) > HEAD_CHARACTERS + TAIL_CHARACTERS:
        text = f"{text[:HEAD_CHARACTERS]} … {text[-TAIL_CHARACTERS:]}"
    text = _CONTROL.sub(" ", _DRESS.sub("", text))
    text = unicodedata.normalize("NFKC", text)
    text = _ADDRESS.sub("URL", text)
    text = _MAIL.sub("MAIL", text)
    text = _HANDLE.sub(" ", text)
    text = _RUN.sub(lambda run: run.group(1) * LONGEST_RUN, text)
    return _SPACE.sub(" ", text).strip()
