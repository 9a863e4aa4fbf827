"""Answering: eligibility, drafters, checks, dispatch of the outbox."""
