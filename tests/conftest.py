"""Registers the servers, whoever asks for none starts none; and makes property tests repeatable."""

import os

from hypothesis import settings

pytest_plugins = ["tests.servers"]

# The same examples every time, so that a run that is red is red again; TEST_RANDOM=1 looks for new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("random", deadline=None)
settings.load_profile("random" if os.environ.get("TEST_RANDOM") else "repeatable")
