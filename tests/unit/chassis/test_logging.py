import io
import json
import logging
import sys
from collections.abc import Generator

import pytest
import structlog

from services.chassis import logging as chassis_logging


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Generator[io.StringIO]:
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level, kafka = root.handlers, root.level, logging.getLogger("aiokafka")
    kept = (kafka.propagate, kafka.handlers)
    monkeypatch.setattr(sys, "stderr", stream)
    chassis_logging.configure("json")
    yield stream
    root.handlers, root.level = handlers, level
    kafka.propagate, kafka.handlers = kept
    structlog.reset_defaults()


def lines(written: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_line_is_an_event_with_keys(written: io.StringIO) -> None:
    structlog.get_logger().info("group_appended", organisation="acme", append_ms=1.9)
    (line,) = lines(written)
    assert line["event"] == "group_appended"
    assert (line["organisation"], line["append_ms"], line["level"]) == ("acme", 1.9, "info")
    assert str(line["timestamp"]).endswith("Z")


def test_what_is_private_is_withheld(written: io.StringIO) -> None:
    structlog.get_logger().info("person_added", person="p1", name="Ada", token="secret", title="Grow")
    (line,) = lines(written)
    assert (line["person"], line["name"], line["token"], line["title"]) == ("p1", *["(withheld)"] * 3)


def test_an_exception_is_its_type_and_its_places_without_its_words(written: io.StringIO) -> None:
    def trip() -> None:
        raise ValueError("Ada")

    try:
        trip()
    except ValueError:
        structlog.get_logger().exception("fold_failed")
        logging.getLogger("some.library").exception("it failed")
    ours, theirs = lines(written)
    assert ours["error"] == theirs["error"] == "ValueError"
    assert "trip" in str(ours["where"])
    assert "Ada" not in written.getvalue()


def test_the_kafka_client_says_each_sentence_once_in_a_while(written: io.StringIO) -> None:
    for node in range(20):
        logging.getLogger("aiokafka.conn").warning("Unable to connect to node %s", node)
    logging.getLogger("aiokafka.conn").warning("Something else")
    assert [line["event"] for line in lines(written)] == ["Unable to connect to node 0", "Something else"]
