"""Creates a table, writes rows once and reads all their pages: session.py ADDRESS

What is imported from aurora_dsql_from_events_client is generated from openapi.yaml.
"""

import sys
from collections.abc import Iterator

from aurora_dsql_from_events_client import Client
from aurora_dsql_from_events_client.api.default import act
from aurora_dsql_from_events_client.models import (
    Column,
    ColumnDefaultType1,
    Create,
    Created,
    CreatedOutcome,
    Filter,
    Index,
    Insert,
    InsertRowsItem,
    Inserted,
    MemberType,
    Operators,
    Problem,
    Queried,
    Query,
)
from aurora_dsql_from_events_client.types import UNSET, Unset


class Refused(Exception):
    """A problem instead of a result."""


def send(client: Client, action: Create | Insert | Query, key: str | Unset = UNSET) -> Created | Inserted | Queried:
    answer = act.sync(client=client, body=action, idempotency_key=key)
    if isinstance(answer, Problem):
        raise Refused(answer.code)
    assert isinstance(answer, Created | Inserted | Queried), answer
    return answer


def create(client: Client) -> None:
    columns = [
        Column("id", "uuid", default="gen_random_uuid()"),
        Column("city", "varchar(80)", nullable=False),
        Column("weight", "numeric(12,3)", default=ColumnDefaultType1("1.000")),
        Column("doc", "jsonb"),
    ]
    indexes = [Index("letters_city", ["city"])]
    created = send(client, Create("create", "letters", columns, primary_key=["id"], indexes=indexes))
    assert isinstance(created, Created)
    assert created.outcome == CreatedOutcome.CREATED


def insert(client: Client, rows: list[dict[str, object]], key: str) -> Inserted:
    items = [InsertRowsItem.from_dict(row) for row in rows]
    inserted = send(client, Insert("insert", "letters", items, returning=["id"]), key)
    assert isinstance(inserted, Inserted)
    return inserted


def pages(client: Client, query: Query) -> Iterator[Queried]:
    while True:
        page = send(client, query)
        assert isinstance(page, Queried)
        yield page
        if page.page.next_cursor is None:
            return
        query.cursor = page.page.next_cursor


def main(address: str) -> None:
    client = Client(address)
    create(client)

    rows: list[dict[str, object]] = [
        {"city": "Rome" if i % 5 else "Oslo", "weight": f"{i}.500", "doc": {"i": i}} for i in range(25)
    ]
    first = insert(client, rows, "letters-1")
    assert first.counts.written == 25
    assert not first.replayed
    again = insert(client, rows, "letters-1")
    assert again.replayed
    assert again.rows == first.rows
    try:
        insert(client, [{"city": "Bern"}], "letters-1")
    except Refused as refused:
        assert str(refused) == "idempotency_key_reused", refused
    else:
        raise AssertionError("another body under the same key was taken")

    where = Filter(or_=[Filter.from_dict({"weight": {"lt": "10"}}), Filter.from_dict({"weight": {"gt": 14}})])
    where["city"] = "Rome"
    where["doc"] = Operators(at="/i", type_=MemberType.INTEGER, gte=0)
    weights: list[object] = []
    turns = 0
    for page in pages(client, Query("query", "letters", where=where, order_by=["weight"], limit=4)):
        weights += [row["weight"] for row in page.rows]
        turns += 1
    expected = [row["weight"] for i, row in enumerate(rows) if i % 5 and (i < 10 or i >= 14)]
    assert weights == expected, weights
    assert turns == -(-len(expected) // 4), turns
    print(f"Python: 25 rows once, {len(weights)} of them in {turns} pages")


main(sys.argv[1])
