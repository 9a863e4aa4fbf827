"""Listening: platforms to mentions. Registry, intake, poller; one file per platform in ``channels``."""
