-- Removes the views that are older than organisations $1 keep them, when the ledger learned the newest event of each at
-- $2. It comes after everything else of a batch, so that the rows do not depend on where batches end.
DELETE FROM programme_health.views AS v
 USING unnest($1::text [], $2::timestamptz []) AS newest (organisation, recorded_at)
 WHERE v.organisation = newest.organisation
   AND v.seen_at < newest.recorded_at - make_interval(
     days => programme_health.setting(newest.organisation, 'infinity', 9223372036854775807, 'views_kept_days', 90)
   )
