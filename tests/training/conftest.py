"""Tests of training need torch: a tier of its own (`make test-torch`), of which `make test` says loudly when it is left out."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("torch") else ["test_*.py"]
