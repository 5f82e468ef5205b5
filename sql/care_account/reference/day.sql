--
-- day: the days of a century, so that a view can be asked for one or more of them.
--
-- A function is handed its day; a view cannot be, nor can a foreign server be asked for a function.  A view with a row
-- for each of these days can: WHERE as_at = ... is one look-up here.
--
-- Must not know: anything else.
--

CREATE TABLE care.day (
    day date NOT NULL
        CONSTRAINT day_pkey PRIMARY KEY
        CONSTRAINT day_within_century CHECK (day BETWEEN '2000-01-01' AND '2099-12-31')
);
COMMENT ON TABLE care.day IS
    'The days from 2000-01-01 to 2099-12-31, for views with a row for each day asked for: WHERE as_at = ....';
COMMENT ON COLUMN care.day.day IS 'The day.';
INSERT INTO care.day (day) SELECT date '2000-01-01' + n FROM generate_series(0, date '2099-12-31' - '2000-01-01') AS n;
CREATE TRIGGER day_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.day
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('nothing: every day of the century is there');
COMMENT ON TRIGGER day_refuse_change ON care.day IS 'Days stay.';
