-- The last sequence of organisation $1 that was recorded at or before instant $2 (before it, if $3), up to the head $4;
-- 0 where there is none. Times never run backwards, so that halving the range finds it in about 20 look-ups.
WITH RECURSIVE halved AS (
  SELECT 0::bigint AS at_or_before, $4::bigint + 1 AS later
  UNION ALL
  SELECT CASE WHEN probed.earlier THEN probed.middle ELSE probed.at_or_before END,
         CASE WHEN probed.earlier THEN probed.later ELSE probed.middle END
    FROM (
      SELECT h.at_or_before, h.later, (h.at_or_before + h.later) / 2 AS middle,
             -- A look-up for each row: as a join it would be planned to read the whole ledger.
             (
               SELECT CASE WHEN $3 THEN said.recorded_at < $2 ELSE said.recorded_at <= $2 END
                 FROM (
                   SELECT (convert_from(e.entry, 'UTF8')::json ->> 'recorded_at')::timestamptz AS recorded_at
                     FROM ledger.events AS e
                    WHERE e.organisation = $1 AND e.sequence = (h.at_or_before + h.later) / 2
                 ) AS said
             ) AS earlier
        FROM halved AS h
       WHERE h.later - h.at_or_before > 1
    ) AS probed
)
SELECT max(halved.at_or_before) FROM halved
