"""The first tables: reports and identities, running SOPs, people, events; and what the application may do.

The application's role may read and write rows, but neither change nor delete an event, a secret's
commitment or an identity reading: those are the trace. A trigger says so to everybody, the owner included.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("events", "identity_readings", "sop_versions")

REFUSE_CHANGE = """
CREATE FUNCTION tuntas_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = '42501';
END $$
"""


def upgrade() -> None:
    op.create_table('categories',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_categories'))
    )
    op.create_table('city_settings',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('value', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_city_settings'))
    )
    op.create_table('kecamatan',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_kecamatan'))
    )
    op.create_table('message_templates',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_message_templates'))
    )
    op.create_table('number_counters',
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('period', name=op.f('pk_number_counters'))
    )
    op.create_table('persons',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('username', sa.Text(), nullable=False),
    sa.Column('display_name', sa.Text(), nullable=False),
    sa.Column('email', sa.Text(), nullable=True),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('session_version', sa.Integer(), nullable=False),
    sa.Column('notify_new_task', sa.Boolean(), nullable=False),
    sa.Column('notify_digest', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_login_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_persons')),
    sa.UniqueConstraint('username', name=op.f('uq_persons_username'))
    )
    op.create_table('streams',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('last_seq', sa.Integer(), nullable=False),
    sa.Column('last_hash', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_streams'))
    )
    op.create_table('throttle_counts',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_throttle_counts'))
    )
    op.create_index('ix_throttle_counts_lookup', 'throttle_counts', ['action', 'subject', 'at'], unique=False)
    op.create_table('units',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('short_name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_units'))
    )
    op.create_table('event_secrets',
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('stream_seq', sa.Integer(), nullable=False),
    sa.Column('field', sa.Text(), nullable=False),
    sa.Column('salt', sa.LargeBinary(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['stream_id'], ['streams.id'], name=op.f('fk_event_secrets_stream_id')),
    sa.PrimaryKeyConstraint('stream_id', 'stream_seq', 'field', name=op.f('pk_event_secrets'))
    )
    op.create_table('events',
    sa.Column('seq', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('stream_seq', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('actor_kind', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.Uuid(), nullable=True),
    sa.Column('role_code', sa.Text(), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.Column('commitments', sa.JSON(), nullable=True),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['stream_id'], ['streams.id'], name=op.f('fk_events_stream_id')),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_events')),
    sa.UniqueConstraint('stream_id', 'stream_seq', name=op.f('uq_events_stream_id_stream_seq'))
    )
    op.create_table('kelurahan',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kecamatan_code', sa.Text(), nullable=False),
    sa.Column('lat', sa.Double(), nullable=False),
    sa.Column('lng', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['kecamatan_code'], ['kecamatan.code'], name=op.f('fk_kelurahan_kecamatan_code')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_kelurahan'))
    )
    op.create_index('ix_kelurahan_kecamatan_code', 'kelurahan', ['kecamatan_code'], unique=False)
    op.create_table('roles',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('unit_variable', sa.Text(), nullable=True),
    sa.Column('home_unit', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['home_unit'], ['units.code'], name=op.f('fk_roles_home_unit')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_roles'))
    )
    op.create_table('sop_versions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('files', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('main_file', sa.Text(), nullable=False),
    sa.Column('content_hash', sa.Text(), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=True),
    sa.Column('approver_id', sa.Uuid(), nullable=True),
    sa.Column('legal_basis', sa.Text(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('effective_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['approver_id'], ['persons.id'], name=op.f('fk_sop_versions_approver_id')),
    sa.ForeignKeyConstraint(['author_id'], ['persons.id'], name=op.f('fk_sop_versions_author_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sop_versions')),
    sa.UniqueConstraint('key', 'version', name=op.f('uq_sop_versions_key_version'))
    )
    op.create_table('grants',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('role_code', sa.Text(), nullable=False),
    sa.Column('unit_code', sa.Text(), nullable=True),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('granted_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['persons.id'], name=op.f('fk_grants_person_id')),
    sa.ForeignKeyConstraint(['role_code'], ['roles.code'], name=op.f('fk_grants_role_code')),
    sa.ForeignKeyConstraint(['unit_code'], ['units.code'], name=op.f('fk_grants_unit_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_grants')),
    sa.UniqueConstraint('person_id', 'role_code', 'unit_code', name=op.f('uq_grants_person_id_role_code_unit_code'), postgresql_nulls_not_distinct=True)
    )
    op.create_index('ix_grants_role_unit', 'grants', ['role_code', 'unit_code'], unique=False)
    op.create_table('reports',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('category_code', sa.Text(), nullable=True),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('channel_detail', sa.Text(), nullable=True),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('public_description', sa.Text(), nullable=True),
    sa.Column('kelurahan_code', sa.Text(), nullable=True),
    sa.Column('landmark', sa.Text(), nullable=True),
    sa.Column('lat', sa.Double(), nullable=True),
    sa.Column('lng', sa.Double(), nullable=True),
    sa.Column('occurred_on', sa.Date(), nullable=True),
    sa.Column('anonymous', sa.Boolean(), nullable=False),
    sa.Column('confidential', sa.Boolean(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('status_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('opd', sa.Text(), nullable=True),
    sa.Column('priority', sa.Text(), nullable=False),
    sa.Column('duplicate_of', sa.Uuid(), nullable=True),
    sa.Column('supporters', sa.Integer(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('end_reason', sa.Text(), nullable=True),
    sa.Column('rating', sa.Integer(), nullable=True),
    sa.Column('tracking_hash', sa.LargeBinary(), nullable=False),
    sa.Column('submission_key', sa.Uuid(), nullable=False),
    sa.Column('search', postgresql.TSVECTOR(), sa.Computed("to_tsvector('indonesian', number || ' ' || description || ' ' || coalesce(landmark, ''))", persisted=True), nullable=False),
    sa.ForeignKeyConstraint(['category_code'], ['categories.code'], name=op.f('fk_reports_category_code')),
    sa.ForeignKeyConstraint(['duplicate_of'], ['reports.id'], name=op.f('fk_reports_duplicate_of')),
    sa.ForeignKeyConstraint(['kelurahan_code'], ['kelurahan.code'], name=op.f('fk_reports_kelurahan_code')),
    sa.ForeignKeyConstraint(['opd'], ['units.code'], name=op.f('fk_reports_opd')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reports')),
    sa.UniqueConstraint('number', name=op.f('uq_reports_number')),
    sa.UniqueConstraint('submission_key', name=op.f('uq_reports_submission_key')),
    sa.UniqueConstraint('tracking_hash', name=op.f('uq_reports_tracking_hash'))
    )
    op.create_index('ix_reports_closed_at', 'reports', ['closed_at'], unique=False, postgresql_where=sa.text('closed_at IS NOT NULL'))
    op.create_index('ix_reports_open_status', 'reports', ['status'], unique=False, postgresql_where=sa.text('closed_at IS NULL'))
    op.create_index('ix_reports_received_at', 'reports', ['received_at'], unique=False)
    op.create_index('ix_reports_search', 'reports', ['search'], unique=False, postgresql_using='gin')
    op.create_table('identity_readings',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('report_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('role_code', sa.Text(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('fields', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_identity_readings_report_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identity_readings'))
    )
    op.create_index('ix_identity_readings_report', 'identity_readings', ['report_id', 'at'], unique=False)
    op.create_table('instances',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('stream_id', sa.Uuid(), nullable=False),
    sa.Column('report_id', sa.Uuid(), nullable=True),
    sa.Column('sop_version_id', sa.Uuid(), nullable=False),
    sa.Column('sop_key', sa.Text(), nullable=False),
    sa.Column('main', sa.Boolean(), nullable=False),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('next_wake', sa.DateTime(timezone=True), nullable=True),
    sa.Column('waiting', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('total_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('total_paused_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('end_reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_instances_report_id')),
    sa.ForeignKeyConstraint(['sop_version_id'], ['sop_versions.id'], name=op.f('fk_instances_sop_version_id')),
    sa.ForeignKeyConstraint(['stream_id'], ['streams.id'], name=op.f('fk_instances_stream_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_instances'))
    )
    op.create_index('ix_instances_due', 'instances', ['next_wake'], unique=False, postgresql_where=sa.text('next_wake is not null'))
    op.create_index('ix_instances_report', 'instances', ['report_id'], unique=False)
    op.create_table('outbox_messages',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('report_id', sa.Uuid(), nullable=True),
    sa.Column('recipient', sa.Text(), nullable=False),
    sa.Column('template', sa.Text(), nullable=False),
    sa.Column('values', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_outbox_messages_report_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox_messages'))
    )
    op.create_index('ix_outbox_messages_failed', 'outbox_messages', ['created_at'], unique=False, postgresql_where=sa.text("state = 'gagal'"))
    op.create_index('ix_outbox_messages_report', 'outbox_messages', ['report_id'], unique=False)
    op.create_index('ix_outbox_messages_waiting', 'outbox_messages', ['created_at'], unique=False, postgresql_where=sa.text("state = 'menunggu'"))
    op.create_table('photos',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('submission_key', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Text(), nullable=False),
    sa.Column('report_id', sa.Uuid(), nullable=True),
    sa.Column('work_item_id', sa.Uuid(), nullable=True),
    sa.Column('field', sa.Text(), nullable=True),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('refusal', sa.Text(), nullable=True),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('original_key', sa.Text(), nullable=True),
    sa.Column('image_key', sa.Text(), nullable=True),
    sa.Column('thumbnail_key', sa.Text(), nullable=True),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('width', sa.Integer(), nullable=True),
    sa.Column('height', sa.Integer(), nullable=True),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lat', sa.Double(), nullable=True),
    sa.Column('lng', sa.Double(), nullable=True),
    sa.Column('device', sa.Text(), nullable=True),
    sa.Column('dhash', sa.BigInteger(), nullable=True),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('uploaded_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_photos_report_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_photos')),
    sa.UniqueConstraint('submission_key', 'client_id', name=op.f('uq_photos_submission_key_client_id'))
    )
    op.create_index('ix_photos_report', 'photos', ['report_id'], unique=False)
    op.create_index('ix_photos_sha256', 'photos', ['sha256'], unique=False)
    op.create_index('ix_photos_work_item', 'photos', ['work_item_id'], unique=False)
    op.create_table('report_identities',
    sa.Column('report_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=True),
    sa.Column('phone', sa.Text(), nullable=True),
    sa.Column('email', sa.Text(), nullable=True),
    sa.Column('tracking_token', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_report_identities_report_id')),
    sa.PrimaryKeyConstraint('report_id', name=op.f('pk_report_identities'))
    )
    op.create_table('supports',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('report_id', sa.Uuid(), nullable=False),
    sa.Column('supporter', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_supports_report_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supports')),
    sa.UniqueConstraint('report_id', 'supporter', name=op.f('uq_supports_report_id_supporter'))
    )
    op.create_table('thread_messages',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('report_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('author_kind', sa.Text(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('role_code', sa.Text(), nullable=True),
    sa.Column('unit_code', sa.Text(), nullable=True),
    sa.Column('audience', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_thread_messages_report_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thread_messages'))
    )
    op.create_index('ix_thread_messages_report_at', 'thread_messages', ['report_id', 'at'], unique=False)
    op.create_table('deadlines',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('instance_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('rule', sa.Text(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('first_due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('arithmetic', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['instance_id'], ['instances.id'], name=op.f('fk_deadlines_instance_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deadlines'))
    )
    op.create_table('incidents',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('instance_id', sa.Uuid(), nullable=True),
    sa.Column('report_id', sa.Uuid(), nullable=True),
    sa.Column('sop_key', sa.Text(), nullable=False),
    sa.Column('element', sa.Text(), nullable=True),
    sa.Column('cause', sa.Text(), nullable=False),
    sa.Column('names', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('action', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_tried_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('resolved_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['instance_id'], ['instances.id'], name=op.f('fk_incidents_instance_id')),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_incidents_report_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incidents'))
    )
    op.create_index('ix_incidents_open', 'incidents', ['opened_at'], unique=False, postgresql_where=sa.text('resolved_at is null'))
    op.create_index('uq_incidents_open_instance', 'incidents', ['instance_id'], unique=True, postgresql_where=sa.text('resolved_at is null and instance_id is not null'))
    op.create_table('work_items',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('instance_id', sa.Uuid(), nullable=False),
    sa.Column('report_id', sa.Uuid(), nullable=True),
    sa.Column('process', sa.Text(), nullable=False),
    sa.Column('element', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('role_code', sa.Text(), nullable=False),
    sa.Column('unit_code', sa.Text(), nullable=True),
    sa.Column('priority', sa.Text(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('claimed_by', sa.Uuid(), nullable=True),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.Uuid(), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.Column('scope', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.ForeignKeyConstraint(['claimed_by'], ['persons.id'], name=op.f('fk_work_items_claimed_by')),
    sa.ForeignKeyConstraint(['instance_id'], ['instances.id'], name=op.f('fk_work_items_instance_id')),
    sa.ForeignKeyConstraint(['report_id'], ['reports.id'], name=op.f('fk_work_items_report_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work_items'))
    )
    op.create_index('ix_work_items_claimed', 'work_items', ['claimed_by', 'due_at', 'id'], unique=False, postgresql_where=sa.text('closed_at is null and claimed_by is not null'))
    op.create_index('ix_work_items_inbox', 'work_items', ['role_code', 'unit_code', 'due_at', 'id'], unique=False, postgresql_where=sa.text('closed_at is null'))
    op.create_index('ix_work_items_inbox_opened', 'work_items', ['role_code', 'unit_code', 'opened_at', 'id'], unique=False, postgresql_where=sa.text('closed_at is null'))
    op.create_index('ix_work_items_instance', 'work_items', ['instance_id'], unique=False, postgresql_where=sa.text('report_id is null'))
    op.create_index('ix_work_items_report', 'work_items', ['report_id', 'opened_at'], unique=False)
    op.create_table('drafts',
    sa.Column('work_item_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('answers', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['work_item_id'], ['work_items.id'], name=op.f('fk_drafts_work_item_id')),
    sa.PrimaryKeyConstraint('work_item_id', 'person_id', name=op.f('pk_drafts'))
    )
    op.execute(REFUSE_CHANGE)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION tuntas_refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION tuntas_refuse_change()"
        )
    op.execute("GRANT USAGE ON SCHEMA public TO tuntas_app")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO tuntas_app")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO tuntas_app")
    for table in APPEND_ONLY:
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM tuntas_app")
    op.execute("REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM tuntas_app")


def downgrade() -> None:
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(f"DROP TRIGGER {table}_never_emptied ON {table}")
    op.execute("DROP FUNCTION tuntas_refuse_change()")
    op.drop_table('drafts')
    op.drop_index('ix_work_items_report', table_name='work_items')
    op.drop_index('ix_work_items_instance', table_name='work_items', postgresql_where=sa.text('report_id is null'))
    op.drop_index('ix_work_items_inbox_opened', table_name='work_items', postgresql_where=sa.text('closed_at is null'))
    op.drop_index('ix_work_items_inbox', table_name='work_items', postgresql_where=sa.text('closed_at is null'))
    op.drop_index('ix_work_items_claimed', table_name='work_items', postgresql_where=sa.text('closed_at is null and claimed_by is not null'))
    op.drop_table('work_items')
    op.drop_index('uq_incidents_open_instance', table_name='incidents', postgresql_where=sa.text('resolved_at is null and instance_id is not null'))
    op.drop_index('ix_incidents_open', table_name='incidents', postgresql_where=sa.text('resolved_at is null'))
    op.drop_table('incidents')
    op.drop_table('deadlines')
    op.drop_index('ix_thread_messages_report_at', table_name='thread_messages')
    op.drop_table('thread_messages')
    op.drop_table('supports')
    op.drop_table('report_identities')
    op.drop_index('ix_photos_work_item', table_name='photos')
    op.drop_index('ix_photos_sha256', table_name='photos')
    op.drop_index('ix_photos_report', table_name='photos')
    op.drop_table('photos')
    op.drop_index('ix_outbox_messages_waiting', table_name='outbox_messages', postgresql_where=sa.text("state = 'menunggu'"))
    op.drop_index('ix_outbox_messages_report', table_name='outbox_messages')
    op.drop_index('ix_outbox_messages_failed', table_name='outbox_messages', postgresql_where=sa.text("state = 'gagal'"))
    op.drop_table('outbox_messages')
    op.drop_index('ix_instances_report', table_name='instances')
    op.drop_index('ix_instances_due', table_name='instances', postgresql_where=sa.text('next_wake is not null'))
    op.drop_table('instances')
    op.drop_index('ix_identity_readings_report', table_name='identity_readings')
    op.drop_table('identity_readings')
    op.drop_index('ix_reports_search', table_name='reports', postgresql_using='gin')
    op.drop_index('ix_reports_received_at', table_name='reports')
    op.drop_index('ix_reports_open_status', table_name='reports', postgresql_where=sa.text('closed_at IS NULL'))
    op.drop_index('ix_reports_closed_at', table_name='reports', postgresql_where=sa.text('closed_at IS NOT NULL'))
    op.drop_table('reports')
    op.drop_index('ix_grants_role_unit', table_name='grants')
    op.drop_table('grants')
    op.drop_table('sop_versions')
    op.drop_table('roles')
    op.drop_index('ix_kelurahan_kecamatan_code', table_name='kelurahan')
    op.drop_table('kelurahan')
    op.drop_table('events')
    op.drop_table('event_secrets')
    op.drop_table('units')
    op.drop_index('ix_throttle_counts_lookup', table_name='throttle_counts')
    op.drop_table('throttle_counts')
    op.drop_table('streams')
    op.drop_table('persons')
    op.drop_table('number_counters')
    op.drop_table('message_templates')
    op.drop_table('kecamatan')
    op.drop_table('city_settings')
    op.drop_table('categories')
