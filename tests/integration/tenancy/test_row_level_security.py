"""Every table with an organisation in it is guarded by the database itself, also the tables of the next read model."""

import asyncpg

from projections.read_models import READ_MODELS

SCHEMAS = ["ledger", "directory", "projections", *(model.name for model in READ_MODELS)]
OF_NO_ORGANISATION = {
    "ledger.publisher_leases",
    "projections.partition_offsets",
    "projections.readers",
    "projections.set_aside",
}
TABLES = """
SELECT n.nspname || '.' || c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS guarded,
       EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'organisation') AS tenanted
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY ($1::text [])
"""
READABLE = """
SELECT t.schemaname || '.' || t.tablename AS name, array_agg(p.qual) FILTER (WHERE p.qual IS NOT NULL) AS conditions
  FROM pg_tables AS t
  LEFT JOIN pg_policies AS p
    ON p.schemaname = t.schemaname AND p.tablename = t.tablename AND 'okr_query' = ANY (p.roles)
 WHERE has_table_privilege('okr_query', format('%I.%I', t.schemaname, t.tablename), 'SELECT')
   AND t.schemaname = ANY ($1::text [])
 GROUP BY 1
"""


async def test_every_table_with_an_organisation_is_guarded(database: str):
    connection = await asyncpg.connect(database)
    rows = await connection.fetch(TABLES, SCHEMAS)
    await connection.close()
    assert {row["name"] for row in rows if not row["tenanted"]} == OF_NO_ORGANISATION
    assert [row["name"] for row in rows if row["tenanted"] and not row["guarded"]] == []


async def test_the_query_role_reads_one_organisation_wherever_it_reads(database: str):
    connection = await asyncpg.connect(database)
    rows = await connection.fetch(READABLE, SCHEMAS)
    await connection.close()
    assert {row["name"] for row in rows}.isdisjoint(OF_NO_ORGANISATION)
    wrong = [row["name"] for row in rows if not row["conditions"] or "okr.organisation" not in str(row["conditions"])]
    assert rows
    assert wrong == []
