"""Registers the servers; whoever asks for none starts none."""

pytest_plugins = ["tests.servers"]
