--
-- moment: when a row is recorded, and whether it is recorded here or comes from elsewhere.
--
-- The clock of a machine goes back now and then: it is set right, the machine is moved, a standby takes over.  Rows
-- must still stand in the order in which they were recorded, and what was known at a moment must not change.  So every
-- recorded_at is a moment of one clock of the database: what the machine's clock says, but always later than the last
-- moment given, in whatever session.  An order by recorded_at is then an order of recording, and no two rows tie.
--
-- A statement of many rows asks for some moments at a time.  All are later than any given before, and it uses them
-- within 10 ms, so that they do not fall behind the clock.
--
-- A row of a dump, of a publisher or of another system brings its recorded_at.  One that is recorded here takes the
-- default, and the session knows which moments it was given in this transaction: that tells the two apart.
--
-- Must not know: what is recorded.
--

CREATE SEQUENCE care_internal.moment AS bigint;
COMMENT ON SEQUENCE care_internal.moment IS
    'The last moment given: microseconds since 2000-01-01 00:00 UTC, with leap seconds left out as everywhere.';
SELECT pg_extension_config_dump('care_internal.moment', ''), setval('care_internal.moment', 1);

CREATE FUNCTION care_internal.moment() RETURNS timestamptz
    LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'care_moment';
COMMENT ON FUNCTION care_internal.moment() IS
    'The moment of a row that is recorded now: by the machine''s clock, and later than every moment given in this '
    'database before its statement asked; none is given twice.';

CREATE FUNCTION care_internal.is_new(recorded_at timestamptz) RETURNS boolean
    LANGUAGE C STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'care_is_new';
COMMENT ON FUNCTION care_internal.is_new(timestamptz) IS
    'Is this the moment of a row that is recorded here, in this transaction, and not of one that brought it along?';

CREATE FUNCTION care_internal.is_replaying() RETURNS boolean
    LANGUAGE C STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_is_replaying';
COMMENT ON FUNCTION care_internal.is_replaying() IS
    'Does this session apply what was done elsewhere: is it the worker of a subscription, or one in the replica role '
    'that says where its changes come from?';
