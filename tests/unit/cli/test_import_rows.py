import pytest

from services.cli.imports.hierarchy import arrange
from services.cli.imports.rows import read_rows

HEADER = "id,kind,parent,owner,title,result\n"


def refusals(content: str | bytes) -> list[tuple[int | None, str, str]]:
    rows = read_rows(content if isinstance(content, bytes) else content.encode())
    _, misplaced = arrange(rows.read)
    return sorted((remark.line or 0, remark.record, remark.rule) for remark in (*rows.remarks, *misplaced))


def taken(content: str | bytes) -> list[str]:
    rows = read_rows(content if isinstance(content, bytes) else content.encode())
    return [row.id for row in arrange(rows.read)[0].rows]


def test_a_byte_order_mark_is_no_part_of_the_header():
    assert taken(b"\xef\xbb\xbf" + f"{HEADER}O1,objective,,CEO,Grow,\n".encode()) == ["O1"]


def test_the_order_and_case_of_the_columns_is_free():
    assert taken("Title,Owner,Parent,Kind,ID,Result\nGrow,CEO,,objective,O1,\n") == ["O1"]


@pytest.mark.parametrize(
    "header", ["", "id,kind,parent,owner,title\n", "a,b,c,d,e,f\n", "id,kind,parent,owner,title,title\n"]
)
def test_a_wrong_header_is_named_with_its_line(header: str):
    assert refusals(f"{header}O1,objective,,CEO,Grow,\n" if header else "") == [(1, "", "wrong_header")]


def test_a_file_in_utf_16_is_refused_as_a_whole():
    assert refusals(HEADER.encode("utf-16")) == [(1, "", "wrong_encoding")]


def test_bytes_that_are_no_utf_8_spoil_their_own_row_only():
    content = HEADER.encode() + b"O1,objective,,CEO,Caf\xe9,\nO2,objective,,CEO,Grow,\n"
    assert refusals(content) == [(2, "O1", "wrong_encoding")]
    assert taken(content) == ["O2"]


def test_lines_are_those_of_the_file_when_a_field_spans_several():
    content = HEADER + 'O1,objective,,CEO,"Grow\nslowly",\n\nO2,object,,CEO,Grow,\n'
    assert refusals(content) == [(5, "O2", "unknown_kind")]


@pytest.mark.parametrize(
    ("row", "record", "rule"),
    [
        ("O1,objective,,CEO,Grow", "", "wrong_columns"),
        ("O1,objective,,CEO,Grow,,,", "", "wrong_columns"),
        (",objective,,CEO,Grow,", "", "no_id"),
        ("O 1,objective,,CEO,Grow,", "", "id_not_allowed"),
        ("O1,goal,,CEO,Grow,", "O1", "unknown_kind"),
        ("O1,objective,,,Grow,", "O1", "no_owner"),
        ("O1,objective,,CEO, ,", "O1", "no_title"),
        ("K1,key_result,,CEO,Grow,", "K1", "no_parent"),
        ("K1,key_result,O9,CEO,Grow,", "K1", "missing_parent"),
        ("O1,objective,O9,CEO,Grow,", "O1", "missing_parent"),
        ("O1,objective,O1,CEO,Grow,", "O1", "circle_in_parent"),
        ('O1,objective,,CEO,"Grow,', "", "not_csv"),
    ],
)
def test_a_row_that_cannot_be_taken_is_refused_with_its_line_and_the_others_go_on(row: str, record: str, rule: str):
    content = f"{HEADER}O0,objective,,CEO,Stay,\n{row}\n"
    assert refusals(content) == [(3, record, rule)]
    assert taken(content) == ["O0"]


def test_a_quotation_mark_that_is_never_closed_costs_its_own_row_only():
    content = f'{HEADER}O1,objective,,CEO,"Grow,\nO2,objective,,CEO,Stay,\nO3,objective,,CEO,"Rest, at last",\n'
    assert refusals(content) == [(2, "", "not_csv")]
    assert taken(content) == ["O2", "O3"]


def test_a_very_long_field_costs_its_own_row_only():
    content = f"{HEADER}O1,objective,,CEO,{'x' * 200_000},\nO2,objective,,CEO,Stay,\n"
    assert taken(content) == ["O1", "O2"]


def test_the_second_row_with_an_id_is_refused():
    content = f"{HEADER}O1,objective,,CEO,Grow,\nO1,objective,,CEO,Shrink,\n"
    assert refusals(content) == [(3, "O1", "duplicate_id")]
    assert taken(content) == ["O1"]


def test_a_circle_is_refused_with_all_that_hangs_below_it_and_the_rest_is_taken():
    content = HEADER + (
        "O1,objective,K2,CEO,One,\nO2,objective,O1,CEO,Two,\nK2,key_result,O2,CEO,Two of two,\n"
        "O3,objective,O2,CEO,Below,\nK3,key_result,O3,CEO,Far below,\nO4,objective,,CEO,Apart,\n"
    )
    assert refusals(content) == [
        (2, "O1", "circle_in_parent"),
        (3, "O2", "circle_in_parent"),
        (4, "K2", "circle_in_parent"),
        (5, "O3", "parent_refused"),
        (6, "K3", "parent_refused"),
    ]
    assert taken(content) == ["O4"]


def test_a_key_result_does_not_stand_under_a_key_result():
    content = HEADER + "O1,objective,,CEO,One,\nK1,key_result,O1,CEO,Two,\nK2,key_result,K1,CEO,Three,\n"
    assert refusals(content) == [(4, "K2", "parent_is_key_result")]


def test_a_child_may_stand_before_its_parent():
    assert taken(f"{HEADER}K1,key_result,O1,CEO,Two,\nO1,objective,,CEO,One,\n") == ["K1", "O1"]


def test_every_remark_says_what_to_do():
    rows = read_rows((HEADER + "O1,goal,,CEO,Grow,\n").encode())
    assert [(remark.message, remark.fix) for remark in rows.remarks] == [
        ("“goal” is no kind.", "Write objective or key_result as the kind.")
    ]
