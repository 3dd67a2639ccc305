"""Single fields: what is taken exactly, and what is refused rather than guessed."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from okr_contracts import fields

DECIMAL: TypeAdapter[Decimal] = TypeAdapter(fields.ExactDecimal)
REPORTED: TypeAdapter[Decimal | bool] = TypeAdapter(fields.ReportedValue)
THIRTY_NINES = "9" * 30


@pytest.mark.parametrize(
    ("given_as", "plain"),
    [
        ("12.5", "12.5"),
        ("-0.50", "-0.50"),
        ("007", "7"),
        (66, "66"),
        (-3, "-3"),
        (Decimal("6.60E+1"), "66.0"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E+29"), "1" + "0" * 29),
        (Decimal("1E-20"), "0." + "0" * 19 + "1"),
        (Decimal("-0.0"), "0.0"),
        ("0.00", "0.00"),
        ("-0", "0"),
        (f"-{THIRTY_NINES}.{'9' * 20}", f"-{THIRTY_NINES}.{'9' * 20}"),
        (int(THIRTY_NINES), THIRTY_NINES),
    ],
)
def test_a_decimal_is_taken_exactly_and_written_plainly(given_as: object, plain: str) -> None:
    taken = DECIMAL.validate_python(given_as)
    assert DECIMAL.dump_python(taken, mode="json") == plain
    assert DECIMAL.validate_python(plain) == taken


@pytest.mark.parametrize(
    "wrong",
    [
        "NaN",
        "Infinity",
        "-inf",
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("1e400"),
        Decimal("1e30"),
        Decimal("1e-21"),
        "1e400",
        "1e5",
        "1E5",
        "4" * 40,
        "9" * 31,
        "0." + "1" * 21,
        10**30,
        -(10**30),
        "1_000",
        "1,000",
        " 1",
        "1 ",
        "1\n",
        "+1",
        ".5",
        "5.",
        "",
        "-",
        "٣",
        "1.٣",
        "0x10",
        True,
        False,
        None,
        0.1,
        1e400,
        [],
        {},
        b"1",
    ],
)
def test_what_would_have_to_be_rounded_or_guessed_is_no_decimal(wrong: object) -> None:
    with pytest.raises(ValidationError):
        DECIMAL.validate_python(wrong)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=20, min_value=-(10**29), max_value=10**29))
def test_any_decimal_within_the_limits_comes_back_as_it_was(value: Decimal) -> None:
    taken = DECIMAL.validate_python(DECIMAL.dump_python(DECIMAL.validate_python(value), mode="json"))
    assert taken == value


@given(st.text())
def test_any_text_is_an_exact_decimal_or_refused(text: str) -> None:
    try:
        taken = DECIMAL.validate_python(text)
    except ValidationError:
        return
    assert Decimal(text) == taken


@pytest.mark.parametrize(("given_as", "taken"), [(True, True), (False, False), ("1", Decimal(1)), (0, Decimal(0))])
def test_a_reported_value_tells_yes_and_no_from_numbers(given_as: object, taken: object) -> None:
    value = REPORTED.validate_python(given_as)
    assert (value, type(value)) == (taken, type(taken))


@pytest.mark.parametrize("wrong", ["true", "yes", "", None, 1.5, "1e3"])
def test_what_looks_like_yes_is_no_reported_value(wrong: object) -> None:
    with pytest.raises(ValidationError):
        REPORTED.validate_python(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        "2026-02-30",
        "2026-13-01",
        "2026-2-3",
        "20260203",
        "2026-W06-2",
        "2026-02-03T00:00:00",
        "2026-02-03\n",
        "٢٠٢٦-٠٢-٠٣",
        "0000-01-01",
        "today",
        "",
        1770076800,
        datetime(2026, 2, 3, tzinfo=UTC),
        None,
        True,
    ],
)
def test_only_a_day_of_the_calendar_is_a_day(wrong: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(fields.Day).validate_python(wrong)


def test_a_day_is_iso_8601() -> None:
    assert TypeAdapter(fields.Day).validate_python("2024-02-29") == date(2024, 2, 29)


@pytest.mark.parametrize("taken", ["a", "Z_9-", "x" * 64])
def test_an_id_is_opaque(taken: str) -> None:
    assert TypeAdapter(fields.Identifier).validate_python(taken) == taken


@pytest.mark.parametrize("wrong", ["", "x" * 65, "a b", "a/b", "a~b", "ada@example.org", "né", "a\n", "a\x00", 7, None])
def test_what_could_be_a_name_or_an_address_is_no_id(wrong: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(fields.Identifier).validate_python(wrong)


@pytest.mark.parametrize("wrong", ["", "-acme", "acme-", "Acme", "a_b", "x" * 64, "acme\n", "a/b"])
def test_an_organisation_is_a_slug(wrong: str) -> None:
    assert TypeAdapter(fields.OrganisationId).validate_python("acme-2") == "acme-2"
    with pytest.raises(ValidationError):
        TypeAdapter(fields.OrganisationId).validate_python(wrong)


@pytest.mark.parametrize("taken", [None, "", "x" * 10_000, "📚" * 10_000, "two\nlines"])
def test_words_have_10_000_characters(taken: str | None) -> None:
    assert TypeAdapter(fields.Text).validate_python(taken) == taken


@pytest.mark.parametrize("wrong", ["x" * 10_001, "a\x00b", "\x00", "\ud800", 5, True, ["a"]])
def test_words_without_a_place_in_the_ledger_are_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(fields.Text).validate_python(wrong)


@pytest.mark.parametrize("wrong", ["", "   ", "\t\n", "x" * 10_001, "a\x00", None])
def test_a_title_has_something_to_read(wrong: object) -> None:
    assert TypeAdapter(fields.Title).validate_python(" a ") == "a"
    with pytest.raises(ValidationError):
        TypeAdapter(fields.Title).validate_python(wrong)


@pytest.mark.parametrize("wrong", [["x" * 101], [""], ["a\x00"], ["a"] * 51, "a", [1]])
def test_labels_are_few_and_short(wrong: object) -> None:
    assert TypeAdapter(fields.Labels).validate_python(["b", "a"]) == ("b", "a")
    with pytest.raises(ValidationError):
        TypeAdapter(fields.Labels).validate_python(wrong)


@pytest.mark.parametrize(
    ("field", "taken", "wrong"),
    [
        (TypeAdapter(fields.Weight), ["0", "2.5"], ["-0.1", "-1"]),
        (TypeAdapter(fields.Share), ["0.00000000000000000001", "1"], ["0", "-1", "1.0001"]),
        (TypeAdapter(fields.UnitInterval), ["0", "1", "0.5"], ["-0.1", "1.1", "50"]),
        (TypeAdapter(fields.Confidence), [0, 10], [-1, 11, 5.0, "5", True, None]),
        (TypeAdapter(fields.CadenceDays), [1, 366], [0, 367, 7.5, "7", True]),
        (TypeAdapter(fields.SequenceNumber), [1, 2**53 - 1], [0, -1, 2**53, 1.0, "1", True]),
        (TypeAdapter(fields.Flag), [True, False], [1, 0, "true", None]),
    ],
)
def test_numbers_have_their_limits(field: TypeAdapter[object], taken: list[object], wrong: list[object]) -> None:
    for value in taken:
        field.validate_python(value)
    for value in (*wrong, "NaN", "", ()):
        with pytest.raises(ValidationError):
            field.validate_python(value)


@pytest.mark.parametrize("wrong", ["2026-02-03T04:05:06", "2026-02-03", "yesterday"])
def test_an_instant_has_a_time_zone_and_is_written_in_utc(wrong: str) -> None:
    instant = TypeAdapter(fields.Instant).validate_python("2026-02-03T04:05:06+01:00")
    assert fields.write_instant(instant) == "2026-02-03T03:05:06.000000Z"
    with pytest.raises(ValidationError):
        TypeAdapter(fields.Instant).validate_python(wrong)
