"""The studio: drafts of SOPs, what was proposed, what was approved, and the city's limits of law.

A proposal and an approval are written once and never changed, as a published version is; the database itself
keeps an author from approving what is theirs. Versions take their scenarios with them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPEND_ONLY = ("sop_proposals", "sop_approvals")
JSON = postgresql.JSONB(astext_type=sa.Text())
PEOPLE = postgresql.ARRAY(sa.Uuid())


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "sop_versions", sa.Column("scenarios", JSON, server_default=sa.text("'[]'::jsonb"), nullable=False)
    )
    op.create_table(
        "sop_drafts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("files", JSON, nullable=False),
        sa.Column("main_file", sa.Text(), nullable=False),
        sa.Column("scenarios", JSON, nullable=False),
        sa.Column("view", JSON, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("checked_revision", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("based_on", sa.Uuid(), nullable=True),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("editors", PEOPLE, nullable=False),
        sa.Column("editor_id", sa.Uuid(), nullable=True),
        sa.Column("editor_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("editor_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('konsep', 'diusulkan', 'disetujui', 'dibuang')", name=op.f("ck_sop_drafts_state")
        ),
        sa.ForeignKeyConstraint(
            ["based_on"], ["sop_versions.id"], name=op.f("fk_sop_drafts_based_on_sop_versions")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["persons.id"], name=op.f("fk_sop_drafts_created_by_persons")),
        sa.ForeignKeyConstraint(["saved_by"], ["persons.id"], name=op.f("fk_sop_drafts_saved_by_persons")),
        sa.ForeignKeyConstraint(["editor_id"], ["persons.id"], name=op.f("fk_sop_drafts_editor_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sop_drafts")),
    )
    op.create_index("ix_sop_drafts_key", "sop_drafts", ["key"])
    op.create_table(
        "sop_proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("files", JSON, nullable=False),
        sa.Column("main_file", sa.Text(), nullable=False),
        sa.Column("scenarios", JSON, nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("document_hash", sa.Text(), nullable=False),
        sa.Column("compared_to", sa.Uuid(), nullable=True),
        sa.Column("differences", JSON, nullable=False),
        sa.Column("findings", JSON, nullable=False),
        sa.Column("coverage", JSON, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("exception", sa.Text(), nullable=True),
        sa.Column("exception_by", sa.Uuid(), nullable=True),
        sa.Column("exception_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("editors", PEOPLE, nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(exception IS NULL) = (exception_by IS NULL) AND (exception IS NULL) = (exception_at IS NULL)",
            name=op.f("ck_sop_proposals_exception_is_signed"),
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["sop_drafts.id"], name=op.f("fk_sop_proposals_draft_id_sop_drafts")
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instances.id"], name=op.f("fk_sop_proposals_instance_id_instances")
        ),
        sa.ForeignKeyConstraint(
            ["compared_to"], ["sop_versions.id"], name=op.f("fk_sop_proposals_compared_to_sop_versions")
        ),
        sa.ForeignKeyConstraint(
            ["exception_by"], ["persons.id"], name=op.f("fk_sop_proposals_exception_by_persons")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["persons.id"], name=op.f("fk_sop_proposals_proposed_by_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sop_proposals")),
        sa.UniqueConstraint("instance_id", name=op.f("uq_sop_proposals_instance_id")),
    )
    op.create_index("ix_sop_proposals_draft_id", "sop_proposals", ["draft_id"])
    op.create_table(
        "sop_approvals",
        sa.Column("sop_version_id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("editors", PEOPLE, nullable=False),
        sa.Column("approver_id", sa.Uuid(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("document_hash", sa.Text(), nullable=True),
        sa.Column("exception", sa.Text(), nullable=True),
        sa.Column("exception_by", sa.Uuid(), nullable=True),
        sa.Column("exception_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("author_id <> approver_id", name=op.f("ck_sop_approvals_another_person")),
        sa.CheckConstraint("approver_id <> ALL (editors)", name=op.f("ck_sop_approvals_no_editor")),
        sa.CheckConstraint("btrim(legal_basis) <> ''", name=op.f("ck_sop_approvals_legal_basis")),
        sa.ForeignKeyConstraint(
            ["sop_version_id"], ["sop_versions.id"], name=op.f("fk_sop_approvals_sop_version_id_sop_versions")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["sop_proposals.id"], name=op.f("fk_sop_approvals_proposal_id_sop_proposals")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["persons.id"], name=op.f("fk_sop_approvals_author_id_persons")
        ),
        sa.ForeignKeyConstraint(
            ["approver_id"], ["persons.id"], name=op.f("fk_sop_approvals_approver_id_persons")
        ),
        sa.ForeignKeyConstraint(
            ["exception_by"], ["persons.id"], name=op.f("fk_sop_approvals_exception_by_persons")
        ),
        sa.PrimaryKeyConstraint("sop_version_id", name=op.f("pk_sop_approvals")),
    )
    op.create_table(
        "sop_rules",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("btrim(source) <> ''", name=op.f("ck_sop_rules_source")),
        sa.ForeignKeyConstraint(["changed_by"], ["persons.id"], name=op.f("fk_sop_rules_changed_by_persons")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sop_rules")),
    )
    op.execute("""
        INSERT INTO sop_approvals (sop_version_id, author_id, editors, approver_id, approved_at, legal_basis,
                                   content_hash)
        SELECT id, author_id, ARRAY[author_id], approver_id, published_at, legal_basis, content_hash
        FROM sop_versions WHERE author_id <> approver_id AND btrim(legal_basis) <> ''
    """)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION tuntas_refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION tuntas_refuse_change()"
        )
        op.execute(f"GRANT SELECT, INSERT ON {table} TO tuntas_app")
    op.execute("GRANT SELECT, INSERT, UPDATE ON sop_drafts TO tuntas_app")
    op.execute("GRANT SELECT, INSERT, UPDATE ON sop_rules TO tuntas_app")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("sop_rules")
    op.drop_table("sop_approvals")
    op.drop_index("ix_sop_proposals_draft_id", table_name="sop_proposals")
    op.drop_table("sop_proposals")
    op.drop_index("ix_sop_drafts_key", table_name="sop_drafts")
    op.drop_table("sop_drafts")
    op.drop_column("sop_versions", "scenarios")
