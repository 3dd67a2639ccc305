"""Bytes that lie in somebody's ledger are read as they were, and would be written as they were."""

import hashlib
import json
from dataclasses import dataclass
from typing import cast

import pytest
from pydantic_core import from_json

from okr_contracts import cloud_events
from okr_contracts.cloud_event_attributes import value
from okr_contracts.envelope import ExactBytes, commitment, decode, encode, encode_parts
from okr_contracts.events import EVENTS
from tests.unit.contracts.golden_examples import FOLDER, SUMS

FILES = sorted(FOLDER.glob("*.json"))


@dataclass(frozen=True, slots=True)
class Golden:
    stored: ExactBytes
    headers: list[tuple[str, bytes]]
    value: bytes

    @property
    def is_erased(self) -> bool:
        return self.stored.text is None


def goldens() -> list[Golden]:
    return [golden for path in FILES for golden in read(path.name)]


def read(name: str) -> list[Golden]:
    examples = json.loads((FOLDER / name).read_text("utf-8"))["examples"]
    return [_golden(cast("dict[str, str | None]", example), example["headers"]) for example in examples]


def _golden(example: dict[str, str | None], headers: dict[str, str]) -> Golden:
    def content(name: str) -> bytes:
        return cast("str", example[name]).encode()

    text, text_secret = example["text"], example["text_secret"]
    return Golden(
        ExactBytes(
            entry=content("entry"),
            data=content("data"),
            text=text.encode() if text is not None else None,
            data_secret=bytes.fromhex(cast("str", example["data_secret"])),
            text_secret=bytes.fromhex(text_secret) if text_secret is not None else None,
        ),
        [(name, header.encode()) for name, header in headers.items()],
        content("value"),
    )


def test_every_version_of_every_event_has_a_golden_file() -> None:
    assert {path.name for path in FILES} == {f"{name}.v{version}.json" for name, version in EVENTS}


def test_golden_files_are_never_edited() -> None:
    listed = [line.partition("  ") for line in SUMS.read_text("ascii").splitlines()]
    assert {name: digest for digest, _, name in listed} == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FILES
    }
    assert len(listed) == len(FILES)


@pytest.mark.parametrize("name", [path.name for path in FILES])
def test_each_file_tells_an_event_plainly_imported_and_erased(name: str) -> None:
    own = read(name)
    assert [golden.is_erased for golden in own] == [False, False, True]
    assert [b'"import_source":' in golden.stored.data for golden in own] == [False, True, False]


@pytest.mark.parametrize("golden", [one for one in goldens() if not one.is_erased])
def test_what_was_read_is_written_as_the_same_bytes(golden: Golden) -> None:
    stored = golden.stored
    recorded = decode(stored.entry, stored.data, stored.text)
    secrets = iter([stored.data_secret, stored.text_secret or b""])
    assert encode(recorded, lambda: next(secrets)) == stored


@pytest.mark.parametrize("golden", [one for one in goldens() if one.is_erased])
def test_an_event_without_its_words_is_still_read(golden: Golden) -> None:
    stored = golden.stored
    recorded = decode(stored.entry, stored.data, None)
    assert recorded.event.reason is None
    assert encode_parts(recorded.event) == (stored.data, None)
    # What was there once is committed to for ever: erasing changes no entry.
    entry = cast("dict[str, dict[str, str | None]]", from_json(stored.entry))
    assert entry["commitments"]["text"] is not None


@pytest.mark.parametrize("golden", goldens())
def test_an_entry_commits_to_its_parts(golden: Golden) -> None:
    stored = golden.stored
    entry = cast("dict[str, dict[str, str | None]]", from_json(stored.entry))
    assert entry["commitments"]["data"] == commitment(stored.data_secret, "data", stored.data)
    if stored.text is not None and stored.text_secret is not None:
        assert entry["commitments"]["text"] == commitment(stored.text_secret, "text", stored.text)


@pytest.mark.parametrize("golden", goldens())
def test_kafka_carries_the_stored_bytes_there_and_back(golden: Golden) -> None:
    stored = golden.stored
    recorded = decode(stored.entry, stored.data, stored.text)
    assert cloud_events.headers(recorded) == golden.headers
    assert value(stored.data, stored.text) == golden.value
    assert cloud_events.decode_record(golden.headers, golden.value) == recorded


@pytest.mark.parametrize("golden", goldens())
def test_no_words_stand_in_the_entry_or_in_the_headers(golden: Golden) -> None:
    if golden.stored.text is None:
        return
    text = cast("dict[str, object]", from_json(golden.stored.text))
    words = [word for word in text.values() if isinstance(word, str)]
    public = golden.stored.entry.decode() + "".join(content.decode() for _, content in golden.headers)
    assert not [word for word in words if word in public]


def test_an_event_of_a_later_release_is_told_apart_from_garbage() -> None:
    golden = read("CycleOpened.v1.json")[0]
    later = [(name, b"okr.CycleOpened.v2" if name == "ce_type" else content) for name, content in golden.headers]
    with pytest.raises(cloud_events.UnknownEvent, match="CycleOpened version 2"):
        cloud_events.decode_record(later, golden.value)


def test_a_reader_takes_fields_that_it_does_not_know() -> None:
    golden = read("CycleOpened.v1.json")[0].stored
    data = golden.data.replace(b"{", b'{"a_field_of_tomorrow":1,', 1)
    assert decode(golden.entry, data, golden.text) == decode(golden.entry, golden.data, golden.text)
