"""How the rows are kept: room for updates in place, and a vacuum that keeps up with short-lived rows."""

from django.db import migrations

SET = """
ALTER TABLE controller_orderrow SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01,
  autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_insert_scale_factor = 0.05);
ALTER TABLE controller_orderresult SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
ALTER TABLE controller_outbox SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
ALTER TABLE controller_command SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE controller_link SET (fillfactor = 50);
"""
RESET = """
ALTER TABLE controller_orderrow RESET (fillfactor, autovacuum_vacuum_scale_factor,
  autovacuum_vacuum_threshold, autovacuum_vacuum_insert_scale_factor);
ALTER TABLE controller_orderresult RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
ALTER TABLE controller_outbox RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
ALTER TABLE controller_command RESET (autovacuum_vacuum_scale_factor);
ALTER TABLE controller_link RESET (fillfactor);
"""


class Migration(migrations.Migration):
    """Storage settings; no row is touched."""

    dependencies = [("controller", "0001_initial")]
    operations = [migrations.RunSQL(SET, RESET)]
