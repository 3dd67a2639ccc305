-- The last sequence of organisation $1 that was recorded at or before instant $2 (before it, if $3), up to the head $4;
-- 0 where there is none. Times never run backwards, so that halving the range finds it in about 20 look-ups.
WITH RECURSIVE halved AS (
  SELECT 0::bigint AS at_or_before, $4::bigint + 1 AS later
  UNION ALL
  SELECT CASE WHEN probe.earlier THEN middle.sequence ELSE halved.at_or_before END,
         CASE WHEN probe.earlier THEN halved.later ELSE middle.sequence END
    FROM halved
   CROSS JOIN LATERAL (SELECT (halved.at_or_before + halved.later) / 2 AS sequence) AS middle
   CROSS JOIN LATERAL (
     SELECT CASE WHEN $3 THEN said.recorded_at < $2 ELSE said.recorded_at <= $2 END AS earlier
       FROM (
         SELECT (convert_from(e.entry, 'UTF8')::json ->> 'recorded_at')::timestamptz AS recorded_at
           FROM ledger.events AS e
          WHERE e.organisation = $1 AND e.sequence = middle.sequence
       ) AS said
   ) AS probe
   WHERE halved.later - halved.at_or_before > 1
)
SELECT max(halved.at_or_before) FROM halved
