"""Fixtures of the digest tests."""

from tests.partners.smtp import certificate, mailbox

__all__ = ["certificate", "mailbox"]
