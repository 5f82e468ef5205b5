--
-- message: what a notice must hold: the 40 items, one by one, and what they must be together.
--
-- A notice is one flat JSON object: schema, version, message_id, event, referral, in_reply_to (of an answer), digest,
-- and its items by their names in the list adw_item.  Where a FHIR message has an item, the list says.
--
-- Must not know: where notices are kept.
--

CREATE FUNCTION casework_internal.notice_schema() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN 'care_casework/hospital_notice';
COMMENT ON FUNCTION casework_internal.notice_schema() IS 'The schema of hospital notices as JSON.';

-- The letter under which the list of items has a kind of message.
CREATE FUNCTION casework_internal.notice_kind(event_code text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN event_code = '975701000000106' THEN 'assessment'
                WHEN event_code = '975731000000100' THEN 'discharge'
                WHEN event_code IN ('975841000000102', '1078011000000107', '975851000000104') THEN 'withdrawal'
                WHEN event_code IN ('975711000000108', '975721000000102', '975821000000109', '975831000000106',
                                    '1025651000000109', '1025641000000106') THEN 'response' END;
COMMENT ON FUNCTION casework_internal.notice_kind(text) IS
    'What a message is by its event: assessment, discharge, withdrawal or response; null: none that is read here.';

CREATE FUNCTION casework_internal.require_item(whose text, of_list casework.code, value jsonb, letter text)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    form text := of_list.details->>'form';
    given text := value#>>'{}';
BEGIN
    IF value IS NULL OR value = 'null' THEN
        IF letter = ANY (string_to_array(of_list.details->>'required_in', ' ')) THEN
            RAISE EXCEPTION USING
                ERRCODE = 'null_value_not_allowed', CONSTRAINT = 'notice_item_required', COLUMN = of_list.code,
                MESSAGE = format('%s: item %s (%s) is missing', whose, of_list.code, of_list.label);
        END IF;
        RETURN;
    ELSIF letter <> ALL (string_to_array(of_list.details->>'notices', ' ')) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'notice_item_expected', COLUMN = of_list.code,
            MESSAGE = format('%s: item %s is not of this kind of message', whose, of_list.code);
    ELSIF (jsonb_typeof(value) = 'object') <> (form = 'object') OR jsonb_typeof(value) NOT IN ('object', 'string') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'notice_item_form', COLUMN = of_list.code,
            MESSAGE = format('%s: item %s must be %s', whose, of_list.code,
                             CASE form WHEN 'object' THEN 'an object' ELSE 'a text' END);
    END IF;
    PERFORM CASE form WHEN 'day' THEN casework_internal.day_from(whose, of_list.code, given)::text
                      WHEN 'moment' THEN casework_internal.moment_from(whose, of_list.code, given)::text END;
    IF form = 'text' AND given = '' THEN
        PERFORM care_internal.require_text(whose, of_list.code, given);
    END IF;
    IF of_list.details ? 'list' THEN
        PERFORM casework_internal.require_code(whose, of_list.code, of_list.details->>'list', given, NULL);
    END IF;
END
$$;
COMMENT ON FUNCTION casework_internal.require_item(text, casework.code, jsonb, text) IS
    'Refuses an item of a notice that is missing where it must be (22004), or where it may not be, of another form '
    'or no code of its list (22023).';

-- What items must be together.
CREATE FUNCTION casework_internal.require_consistent_items(whose text, m jsonb, letter text)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    SELECT v.* INTO wrong FROM (VALUES
        ('notice_liaison_contact', 'liaison_contact', letter <> 'R' AND coalesce(m#>>'{liaison_contact,telephone}',
            '') = ''
             AND coalesce(m#>>'{liaison_contact,email}', '') = '',
         'the liaison must have a telephone number or an email address'),
        ('notice_third_party', 'third_party_consent', letter = 'A' AND m->>'patient_consent' = 'L'
             AND coalesce(m->>'third_party_consent', 'N/A') = 'N/A',
         'a patient who lacks capacity has a source of third party consent'),
        ('notice_no_carer', 'carer', m->>'carer_consulted' = 'NKC' AND coalesce(m#>>'{carer,name}', '') <> '',
         'there is no known carer, and a carer is named'),
        ('notice_number_status', 'nhs_number_status', m->>'nhs_number_status' = '08',
         'status 08 is for babies, not for adults'),
        ('notice_chc_result', 'chc_result', m->>'chc_considered' = 'Y' AND coalesce(m->>'chc_result', '') = '',
         'continuing healthcare was considered, and the result is not given'),
        ('notice_other_reason', 'withdrawal_other',
         m->>'withdrawal_reason' = '13' AND coalesce(m->>'withdrawal_other', '') = '', 'reason 13 needs a text'),
        ('notice_withdrawal_type', 'withdrawal_type', letter = 'W' AND m->>'withdrawal_type' <> m->>'event',
         'what is withdrawn is what the event says'),
        ('notice_response_type', 'response_type',
         letter = 'R' AND m->>'response_type' NOT IN ('accepted', 'rejected', 'cancelled'),
         'it is accepted, rejected or cancelled'),
        ('notice_nhs_number', 'nhs_number', NOT care.nhs_number_is_valid(m->>'nhs_number'), 'that is no NHS number'),
        ('notice_number_present', 'nhs_number',
         m->>'nhs_number_status' IN ('01', '02') AND m->>'nhs_number' IS NULL,
         'the status says that there is a number, and none is given'))
        AS v (name, item, is_wrong, message)
    WHERE v.is_wrong LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = wrong.name, COLUMN = wrong.item,
            MESSAGE = format('%s: %s: %s', whose, wrong.item, wrong.message);
    END IF;
END
$$;
COMMENT ON FUNCTION casework_internal.require_consistent_items(text, jsonb, text) IS
    'Refuses (22023) a notice whose items contradict each other, naming the first item.';

-- Days that the law set, while it held.
CREATE FUNCTION casework_internal.require_notice_days(whose text, m jsonb, letter text, given_on date, authority text)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    admission date := casework_internal.day_from(whose, 'admission_date', m->>'admission_date');
    proposed date := casework_internal.day_from(whose, 'proposed_discharge_date', m->>'proposed_discharge_date');
    days_before integer := casework_internal.parameter_value('max_days_before_admission', authority, given_on)::integer;
    days_given integer := casework_internal.parameter_value('min_discharge_days', authority, given_on)::integer;
BEGIN
    IF letter = 'A' AND given_on < admission - days_before THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'notice_not_too_early', COLUMN = 'admission_date',
            MESSAGE = format('%s: it is given on %s, %s days before the admission', whose,
                             care_internal.day_text(given_on), admission - given_on),
            HINT = format('An assessment notice may be given at most %s days before it.', days_before);
    ELSIF letter = 'D' AND given_on > proposed - days_given THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'notice_in_time', COLUMN = 'proposed_discharge_date',
            MESSAGE = format('%s: it is given on %s, for a discharge proposed on %s', whose,
                             care_internal.day_text(given_on), care_internal.day_text(proposed)),
            HINT = format('A discharge notice must be given at least %s day before.', days_given);
    ELSIF proposed < admission THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'notice_days_in_order',
            COLUMN = 'proposed_discharge_date',
            MESSAGE = format('%s: discharge is proposed before the admission', whose);
    END IF;
END
$$;
COMMENT ON FUNCTION casework_internal.require_notice_days(text, jsonb, text, date, text) IS
    'Refuses (22023) a notice given too early or too late by the parameters of the day it was given, none after the '
    'law ended, and days out of order.';

CREATE FUNCTION casework_internal.require_notice(whose text, m jsonb, letter text) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    unknown text;
BEGIN
    SELECT k INTO unknown FROM jsonb_object_keys(m) AS k
    WHERE k <> ALL ('{schema,version,message_id,event,referral,in_reply_to,digest}')
      AND NOT EXISTS (SELECT FROM casework.code AS c WHERE c.list = 'adw_item' AND c.code = k)
    ORDER BY k LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'notice_item_known', COLUMN = unknown,
            MESSAGE = format('%s: there is no item %s', whose, unknown),
            HINT = 'casework.code lists the items: list adw_item.';
    END IF;
    PERFORM casework_internal.require_item(whose, c, m->c.code, letter)
    FROM casework.code AS c WHERE c.list = 'adw_item' ORDER BY c.position;
    PERFORM casework_internal.require_consistent_items(whose, m, letter);
END
$$;
COMMENT ON FUNCTION casework_internal.require_notice(text, jsonb, text) IS
    'Refuses a notice with an item that is unknown, missing, of another form or in contradiction to another.';
