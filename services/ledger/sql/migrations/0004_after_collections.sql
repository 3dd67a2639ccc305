-- After deploy. Events name further subjects now: an objective its key results, and collections, by which a decision
-- about many finds what it needs. What was appended before gets its names here; new code writes them from the start.
-- Cost: one pass over the events. Run again, it changes nothing.
SET lock_timeout = '10s';

INSERT INTO ledger.event_subjects (organisation, subject, sequence)
SELECT e.organisation, named.subject, e.sequence
  FROM ledger.events AS e
 CROSS JOIN LATERAL (
   SELECT convert_from(e.entry, 'UTF8')::jsonb ->> 'type' AS type, convert_from(e.data, 'UTF8')::jsonb AS data
 ) AS parsed
 CROSS JOIN LATERAL (
   SELECT CASE
     WHEN parsed.type = 'KeyResultAdded' THEN 'objectives/' || (parsed.data ->> 'objective_id')
     WHEN parsed.type = 'ObjectiveCreated' THEN 'cycle-contents/' || (parsed.data ->> 'cycle_id')
     WHEN parsed.type = 'CyclePlanned' THEN 'cycle-contents/' || (parsed.data ->> 'parent_id')
     WHEN parsed.type = 'UnitAdded' THEN 'unit-contents/' || (parsed.data ->> 'parent_id')
     WHEN parsed.type = 'ResponsibleAssigned' THEN 'responsibilities/' || (parsed.data ->> 'person_id')
     WHEN parsed.type IN ('KeyResultRedefined', 'CheckInRecorded', 'CheckInCorrected', 'CheckInWithdrawn')
       THEN 'reports/' || (parsed.data ->> 'key_result_id')
   END
   UNION ALL
   SELECT CASE WHEN parsed.type = 'KeyResultAdded' THEN 'responsibilities/' || (parsed.data ->> 'responsible_id') END
   UNION ALL
   SELECT CASE WHEN parsed.type = 'KeyResultAdded' THEN 'reports/' || (parsed.data ->> 'key_result_id') END
 ) AS named (subject)
 WHERE named.subject IS NOT NULL
    ON CONFLICT DO NOTHING;
