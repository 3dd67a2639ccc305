-- The rows of one table that only the live read model has, and those that only the fold of the ledger has.
-- live_table and folded_table are replaced by the names of the two.
WITH unexpected AS (
  SELECT * FROM live_table
  EXCEPT
  SELECT * FROM folded_table
),

missing AS (
  SELECT * FROM folded_table
  EXCEPT
  SELECT * FROM live_table
)

SELECT
  (SELECT count(*) FROM folded_table) AS compared,
  (SELECT count(*) FROM unexpected) AS unexpected,
  (SELECT count(*) FROM missing) AS missing,
  (
    SELECT coalesce(array_agg(differing.organisation ORDER BY differing.organisation), '{}')
    FROM (
      SELECT unexpected.organisation FROM unexpected
      UNION
      SELECT missing.organisation FROM missing
    ) AS differing
  ) AS organisations
