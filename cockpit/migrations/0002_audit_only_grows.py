"""The audit log only grows: of a row nothing but its result may follow later."""

from django.db import migrations

GUARD = """
CREATE FUNCTION cockpit_audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF current_setting('stellwerk.purging', true) = 'on' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'entries of the audit log are not removed' USING ERRCODE = '42501';
    END IF;
    IF OLD.result = '' AND OLD.command IS NOT NULL THEN
        OLD.result := NEW.result;
        OLD.answer := NEW.answer;
    END IF;
    IF NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'entries of the audit log are not changed' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER cockpit_audit_only_grows BEFORE UPDATE OR DELETE ON cockpit_auditentry
    FOR EACH ROW EXECUTE FUNCTION cockpit_audit_only_grows();
"""
NO_GUARD = """
DROP TRIGGER cockpit_audit_only_grows ON cockpit_auditentry;
DROP FUNCTION cockpit_audit_only_grows();
"""


class Migration(migrations.Migration):
    dependencies = [("cockpit", "0001_access_and_audit")]
    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
