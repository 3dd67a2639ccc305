-- The roles that were assigned to a person in the organisation of the session, and not revoked since.
-- It takes no organisation: whoever may read one only cannot ask about another.
CREATE OR REPLACE FUNCTION ledger.assigned_roles(person_id text)
RETURNS TABLE (role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ledger, pg_catalog, pg_temp AS $$
  SELECT said.role
    FROM (
      SELECT DISTINCT ON (parsed.data ->> 'role') parsed.data ->> 'role' AS role, parsed.type
        FROM ledger.event_subjects AS s
        JOIN ledger.events AS e ON e.organisation = s.organisation AND e.sequence = s.sequence
       CROSS JOIN LATERAL (
         SELECT convert_from(e.entry, 'UTF8')::json ->> 'type' AS type, convert_from(e.data, 'UTF8')::json AS data
       ) AS parsed
       WHERE s.organisation = nullif(current_setting('okr.organisation', true), '')
         AND s.subject = 'organisations/' || s.organisation
         AND parsed.type IN ('RoleAssigned', 'RoleRevoked')
         AND parsed.data ->> 'person_id' = assigned_roles.person_id
       ORDER BY parsed.data ->> 'role', e.sequence DESC
    ) AS said
   WHERE said.type = 'RoleAssigned'
$$;
ALTER FUNCTION ledger.assigned_roles OWNER TO okr_owner;
REVOKE ALL ON FUNCTION ledger.assigned_roles FROM public;
GRANT EXECUTE ON FUNCTION ledger.assigned_roles TO okr_query;
