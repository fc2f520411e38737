"""Counts of planned orders by day and state: appended by triggers to whatever changes the rows."""

from django.db import migrations

UP = """
CREATE FUNCTION dailyplan_count_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dailyplan_countchange (day, state, rows, orders)
    SELECT day, state, count(*), sum(coalesce("count", 1)) FROM added GROUP BY day, state;
    RETURN NULL;
END $$;

CREATE FUNCTION dailyplan_count_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dailyplan_countchange (day, state, rows, orders)
    SELECT day, state, -count(*), -sum(coalesce("count", 1)) FROM gone GROUP BY day, state;
    RETURN NULL;
END $$;

CREATE FUNCTION dailyplan_count_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dailyplan_countchange (day, state, rows, orders)
    SELECT day, state, sum(n), sum(n * orders) FROM (
        SELECT day, state, 1 AS n, coalesce("count", 1) AS orders FROM added
        UNION ALL
        SELECT day, state, -1, coalesce("count", 1) FROM gone) AS both_sides
    GROUP BY day, state HAVING sum(n) <> 0 OR sum(n * orders) <> 0;
    RETURN NULL;
END $$;

CREATE TRIGGER dailyplan_count_added AFTER INSERT ON dailyplan_plannedorder
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION dailyplan_count_added();
CREATE TRIGGER dailyplan_count_gone AFTER DELETE ON dailyplan_plannedorder
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION dailyplan_count_gone();
CREATE TRIGGER dailyplan_count_changed AFTER UPDATE ON dailyplan_plannedorder
    REFERENCING NEW TABLE AS added OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION dailyplan_count_changed();
"""

DOWN = """
DROP TRIGGER dailyplan_count_added ON dailyplan_plannedorder;
DROP TRIGGER dailyplan_count_gone ON dailyplan_plannedorder;
DROP TRIGGER dailyplan_count_changed ON dailyplan_plannedorder;
DROP FUNCTION dailyplan_count_added();
DROP FUNCTION dailyplan_count_gone();
DROP FUNCTION dailyplan_count_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("dailyplan", "0001_plan")]

    operations = [migrations.RunSQL(UP, DOWN)]
