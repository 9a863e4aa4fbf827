"""The authorities are read once for all accounts."""

import ast
import ssl
from pathlib import Path

import listener
from listener.trust import common_trust

CHANNELS = Path(listener.__file__).parent


def test_all_accounts_share_what_was_read_once() -> None:
    trust = common_trust()
    assert trust is common_trust()
    assert trust.verify_mode is ssl.CERT_REQUIRED
    assert trust.check_hostname


def test_no_channel_reads_the_authorities_for_each_of_its_accounts() -> None:
    calls = [
        (file.name, call.lineno, {keyword.arg for keyword in call.keywords})
        for file in CHANNELS.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "httpx2.Client"
    ]
    assert len(calls) > 5
    assert not [(name, line) for name, line, given in calls if "verify" not in given]
