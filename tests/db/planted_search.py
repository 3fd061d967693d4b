"""Many reports with traits, messages, tasks and instances, planted by SQL: a big city to look at plans in.

Nothing here was ever walked; only what a search reads is as it would be.
"""

import uuid
from hashlib import md5

from sqlalchemy import text

_CITY = """
INSERT INTO units (code, name, short_name, kind, active)
  SELECT 'D' || i, 'Dinas ' || i, 'D' || i, 'opd', true FROM generate_series(0, 29) i;
INSERT INTO roles (code, name) VALUES ('operator_opd', 'Operator');
INSERT INTO kecamatan (code, name) VALUES ('72.71.01', 'Palu Timur');
INSERT INTO kelurahan (code, name, kecamatan_code, lat, lng)
  SELECT '72.71.01.' || (1000 + i), 'Kelurahan ' || i, '72.71.01', -0.9, 119.8 FROM generate_series(0, 45) i;
INSERT INTO persons (id, username, display_name, password_hash, active, language, session_version,
                     notify_new_task, notify_digest, created_at)
  SELECT md5('orang' || i)::uuid, 'petugas' || i, 'Petugas ' || i, 'x', true, 'id', 1, false, false, now()
  FROM generate_series(0, 299) i;
INSERT INTO sop_versions (id, key, version, name, files, main_file, content_hash, legal_basis, published_at,
                          effective_at)
  SELECT md5('versi' || i)::uuid, 'pengaduan', i + 1, 'Pengaduan', '{}', 'a.bpmn', i::text, '', now(), now()
  FROM generate_series(0, 2) i;
INSERT INTO trace_paths (id, sop_key, steps, reports)
  SELECT md5('jalur' || i)::uuid, 'pengaduan', ARRAY['verifikasi', 'kerjakan', 's' || i],
         greatest(1, (:count / (2 * (i + 1) * (i + 1)))::int)
  FROM generate_series(0, 399) i;
"""
_REPORTS = """
INSERT INTO streams (id, kind, last_seq, last_hash)
  SELECT md5('lapor' || i)::uuid, 'laporan', 10, '' FROM generate_series(1, :count) i;
INSERT INTO reports (id, number, kind, channel, description, kelurahan_code, anonymous, confidential,
                     received_at, status, status_since, opd, priority, supporters, closed_at,
                     tracking_hash, submission_key)
  SELECT md5('lapor' || i)::uuid,
         'LW-' || to_char(at, 'YYYY-MM') || '-' || lpad(i::text, 6, '0'),
         (ARRAY['pengaduan', 'pengaduan', 'pengaduan', 'aspirasi', 'permintaan_informasi'])[1 + i % 5],
         'web',
         (SELECT string_agg('kata' || floor(exp(random() * 7.6))::int + 0 * (i + w), ' ')
            FROM generate_series(1, 30) w),
         '72.71.01.' || (1000 + i % 46), i % 7 = 0, i % 11 = 0, at,
         CASE WHEN open THEN (ARRAY['diterima', 'diproses', 'koordinasi'])[1 + i % 3]
              WHEN i % 977 = 0 THEN 'masuk_rencana' ELSE 'selesai' END,
         at, 'D' || floor(30 * random() * random()), 'normal', 0, CASE WHEN NOT open THEN at + '5 days' END,
         sha256(i::text::bytea), md5('kirim' || i)::uuid
  FROM (SELECT i, now() - (:count - i) * ('900 days'::interval / :count) AS at, i > :count * 0.93 AS open
          FROM generate_series(1, :count) i) s;
INSERT INTO report_traits (report_id, seq, versions, persons, units, late, returned, reopened, bounced,
                           escalated, migrated, path_id)
  SELECT r.id, 5 + (random() * 20)::int,
         CASE WHEN random() < 0.02 THEN ARRAY[md5('versi0')::uuid, md5('versi1')::uuid]
              ELSE ARRAY[md5('versi' || CASE WHEN random() < 0.9 THEN 1 ELSE 2 END)::uuid] END,
         (SELECT array_agg(DISTINCT
                   md5('orang' || floor(300 * random() * random()) + 0 * (w + length(r.number)))::uuid)
            FROM generate_series(1, 4) w),
         ARRAY[r.opd, 'D' || floor(30 * random())], random() < 0.2, (random() < 0.1)::int,
         (random() < 0.03)::int, (random() < 0.02)::int, (random() < 0.0005)::int, (random() < 0.01)::int,
         CASE WHEN r.closed_at IS NOT NULL
              THEN md5('jalur' || least(399, greatest(0, floor(1 / (0.001 + random())) - 1)))::uuid END
  FROM (SELECT * FROM reports ORDER BY number) r;
INSERT INTO thread_messages (id, report_id, at, author_kind, audience, body)
  SELECT gen_random_uuid(), r.id, r.received_at, 'petugas', 'internal',
         (SELECT string_agg('kata' || floor(exp(random() * 7.6))::int + 0 * (n + w), ' ')
            FROM generate_series(1, 12) w)
  FROM (SELECT * FROM reports ORDER BY number) r, generate_series(1, 3) n;
INSERT INTO instances (id, stream_id, report_id, sop_version_id, sop_key, main, revision, waiting, started_at,
                       total_due_at, ended_at)
  SELECT md5('jalan' || r.id::text)::uuid, r.id, r.id, md5('versi1')::uuid, 'pengaduan', true, 5, '{}',
         r.received_at, r.received_at + '60 days', r.closed_at
  FROM reports r;
INSERT INTO work_items (id, instance_id, report_id, process, element, name, role_code, unit_code, priority,
                        opened_at, due_at, closed_at)
  SELECT gen_random_uuid(), md5('jalan' || r.id::text)::uuid, r.id, 'pengaduan', 'kerjakan', 'Kerjakan',
         'operator_opd', r.opd, 'normal', r.received_at, r.received_at + '30 days',
         CASE WHEN r.closed_at IS NOT NULL OR n < 5 THEN r.received_at + '1 day' END
  FROM reports r, generate_series(1, 5) n;
"""
LOOKED_UP = (
    "ix_reports_search",
    "ix_thread_messages_words",
    "ix_report_traits_persons",
    "ix_report_traits_units",
    "ix_report_traits_versions",
)
"""Indexes that put off their work until somebody vacuums."""
READ = ("reports", "report_traits", "thread_messages", "work_items", "instances", "trace_paths")
"""The tables a search reads."""


def planted_id(name):
    """The id of a planted row, e.g. of `jalur0`."""
    return uuid.UUID(md5(name.encode(), usedforsecurity=False).hexdigest())


def plant(connection, count):
    """`count` reports of 900 days up to now, three messages and five tasks each, seven of a hundred open; the
    connection is the owner's. Chances are the same at each planting."""
    connection.execute(text("SELECT setseed(0.25)"))
    for statement in (*_CITY.split(";\n"), *_REPORTS.split(";\n")):
        if statement.strip():
            connection.execute(text(statement), {"count": count} if ":count" in statement else {})
    for index in LOOKED_UP:
        connection.execute(text(f"SELECT gin_clean_pending_list('{index}')"))
    for table in READ:
        connection.execute(text(f"ANALYZE {table}"))
