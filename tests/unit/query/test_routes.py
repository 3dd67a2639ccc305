"""What queries may be asked at all."""

from services.query.routes import QUERIES

_OF_PEOPLE = {"/people": {"unit", "below", "manager"}, "/people/{person_id}": set[str]()}


def test_no_query_sorts_and_none_finds_people_by_progress_or_grade():
    names = {name for query in QUERIES for name in query.known()}
    assert names.isdisjoint({"sort", "order", "order_by", "rank", "progress", "grade", "band", "confidence"})
    of_people = {query.path: set(query.parameters) for query in QUERIES if query.path.startswith("/people")}
    assert of_people == _OF_PEOPLE


def test_lists_are_in_the_order_of_ids_of_the_ledger_or_of_the_tree():
    # Numbers are sequences, records and levels; a share of the way is a decimal, and nothing is ordered by one.
    orders = {query.path: query.sorted_by for query in QUERIES if query.sorted_by}
    assert {kind for order in orders.values() for kind in order} == {int, str}
    assert orders["/objectives"] == orders["/people"] == orders["/units"] == (str,)
