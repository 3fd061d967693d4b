"""What must be true of the tables at any moment, each as a query for the rows of which it is not.

Every query answers with `number` (of the report; None without one), `what` (id of the thing) and `detail`.
They write nothing, and PostgreSQL hands their answers over row by row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

ROWS_AT_A_TIME = 500

RULES: Mapping[str, TextClause] = {
    "satu_keadaan": text("""
        SELECT r.number, r.id AS what, 'laporan ' || CASE
                 WHEN i.count > 1 THEN 'punya lebih dari satu SOP utama'
                 WHEN i.count IS NULL THEN 'ditutup tanpa SOP utama'
                 WHEN (r.closed_at IS NULL) <> (i.ended_at IS NULL) THEN
                   CASE WHEN r.closed_at IS NULL THEN 'terbuka, tetapi SOP utamanya sudah berakhir'
                        ELSE 'ditutup, tetapi SOP utamanya masih berjalan' END
                 ELSE 'ditutup dengan alasan atau waktu yang lain daripada SOP utamanya' END AS detail
          FROM reports r LEFT JOIN (
            SELECT report_id, count(*) AS count, max(ended_at) AS ended_at, max(end_reason) AS end_reason
              FROM instances WHERE main AND report_id IS NOT NULL GROUP BY report_id) i ON i.report_id = r.id
         WHERE i.count > 1
            OR (i.count IS NULL AND r.closed_at IS NOT NULL)
            OR (i.count = 1 AND ((r.closed_at IS NULL) <> (i.ended_at IS NULL)
                OR r.closed_at IS DISTINCT FROM i.ended_at OR r.end_reason IS DISTINCT FROM i.end_reason
                OR (r.closed_at IS NOT NULL AND i.end_reason IS NOT NULL AND r.status <> i.end_reason)))
    """),
    "langkah_berikut": text("""
        SELECT r.number, r.id AS what, 'tidak berjalan dan tidak ada gangguan yang mencatatnya' AS detail
          FROM reports r
         WHERE r.closed_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM instances i WHERE i.report_id = r.id AND i.main)
           AND NOT EXISTS (SELECT 1 FROM incidents n WHERE n.report_id = r.id AND n.resolved_at IS NULL)
        UNION ALL
        SELECT r.number, i.id, CASE
                 WHEN i.next_wake < :overdue THEN 'waktunya lewat, tetapi tidak dibangunkan'
                 ELSE 'tidak menunggu tugas, waktu, pesan, maupun gangguan' END
          FROM instances i LEFT JOIN reports r ON r.id = i.report_id
         WHERE i.ended_at IS NULL AND i.suspended_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM incidents n WHERE n.instance_id = i.id AND n.resolved_at IS NULL)
           AND (i.next_wake < :overdue
             OR (i.next_wake IS NULL AND i.waiting = '{}'
                 AND NOT EXISTS (SELECT 1 FROM work_items w
                                  WHERE w.instance_id = i.id AND w.closed_at IS NULL)))
    """),
    "tertangguh": text("""
        SELECT r.number, i.id AS what, CASE
                 WHEN i.ended_at IS NOT NULL THEN 'berakhir, tetapi masih ditangguhkan'
                 WHEN i.next_wake IS NOT NULL THEN 'ditangguhkan, tetapi akan dibangunkan'
                 WHEN o.kind IS NULL THEN 'ditangguhkan, padahal tidak ada tindakan yang mencatatnya'
                 ELSE 'ditangguhkan, padahal tindakan terakhirnya melanjutkan' END AS detail
          FROM instances i LEFT JOIN reports r ON r.id = i.report_id
          LEFT JOIN LATERAL (
            SELECT p.kind FROM operation_reports x JOIN operations p ON p.id = x.operation_id
             WHERE x.instance_id = i.id AND x.outcome = 'selesai' AND p.kind IN ('tangguhkan', 'lanjutkan')
             ORDER BY x.done_at DESC, x.revision DESC LIMIT 1) o ON true
         WHERE i.suspended_at IS NOT NULL
           AND (i.ended_at IS NOT NULL OR i.next_wake IS NOT NULL OR o.kind IS DISTINCT FROM 'tangguhkan')
    """),
    "tindakan_tercatat": text("""
        SELECT r.number, coalesce(x.operation_id::text, e.operation) AS what, 'tindakan ' || CASE
                 WHEN e.count > 1 THEN 'tercatat ' || e.count || ' kali di jejak'
                 WHEN e.count IS NULL THEN 'dilakukan, tetapi tidak tercatat di jejak'
                 ELSE 'tercatat di jejak, padahal tidak dilakukan' END AS detail
          FROM (SELECT x.operation_id, i.stream_id FROM operation_reports x
                  JOIN instances i ON i.id = x.instance_id WHERE x.outcome = 'selesai') x
          FULL JOIN (SELECT stream_id, data->>'operasi' AS operation, count(*) AS count FROM events
                      WHERE type = 'OperationDone' GROUP BY 1, 2) e
            ON e.stream_id = x.stream_id AND e.operation = x.operation_id::text
          LEFT JOIN reports r ON r.id = coalesce(x.stream_id, e.stream_id)
         WHERE e.count IS DISTINCT FROM 1 OR x.operation_id IS NULL
    """),
    "akhir_bersih": text("""
        SELECT r.number, i.id AS what, CASE
                 WHEN i.ended_at IS NULL THEN 'berjalan tanpa keadaan yang tersimpan'
                 WHEN i.state IS NOT NULL THEN 'berakhir, tetapi keadaannya masih tersimpan'
                 ELSE 'berakhir, tetapi masih menunggu waktu atau pesan' END AS detail
          FROM instances i LEFT JOIN reports r ON r.id = i.report_id
         WHERE (i.ended_at IS NULL) <> (i.state IS NOT NULL)
            OR (i.ended_at IS NOT NULL AND (i.next_wake IS NOT NULL OR i.waiting <> '{}'))
        UNION ALL
        SELECT r.number, w.id, 'tugas ' || w.element || ' masih terbuka, padahal SOP-nya sudah berakhir'
          FROM work_items w JOIN instances i ON i.id = w.instance_id
          LEFT JOIN reports r ON r.id = w.report_id
         WHERE w.closed_at IS NULL AND i.ended_at IS NOT NULL
        UNION ALL
        SELECT r.number, w.id, 'tugas ' || w.element || ' ditutup setengah'
          FROM work_items w LEFT JOIN reports r ON r.id = w.report_id
         WHERE (w.closed_at IS NULL) <> (w.outcome IS NULL)
            OR w.outcome NOT IN ('completed', 'cancelled')
    """),
    "satu_akibat": text("""
        SELECT r.number, coalesce(w.id::text, e.task) AS what, 'tugas ' || CASE
                 WHEN e.count > 1 THEN 'dicatat selesai ' || e.count || ' kali'
                 WHEN e.count IS NULL THEN 'selesai, tetapi tidak tercatat'
                 ELSE 'dicatat selesai, padahal tidak' END AS detail
          FROM (SELECT w.id, i.stream_id FROM work_items w JOIN instances i ON i.id = w.instance_id
                 WHERE w.outcome = 'completed') w
          FULL JOIN (SELECT stream_id, data->>'tugas' AS task, count(*) AS count FROM events
                      WHERE type = 'TaskCompleted' GROUP BY 1, 2) e
            ON e.stream_id = w.stream_id AND e.task = w.id::text
          LEFT JOIN reports r ON r.id = coalesce(w.stream_id, e.stream_id)
         WHERE e.count IS DISTINCT FROM 1 OR w.id IS NULL
        UNION ALL
        SELECT r.number, r.id::text, CASE
                 WHEN e.received <> 1 THEN 'tercatat diterima ' || e.received || ' kali'
                 ELSE 'tercatat ditutup ' || e.closed || ' kali' END
          FROM (SELECT s.id, count(e.seq) FILTER (WHERE e.type = 'ReportReceived') AS received,
                       count(e.seq) FILTER (WHERE e.type = 'ReportClosed') AS closed
                  FROM reports s LEFT JOIN events e
                    ON e.stream_id = s.id AND e.type IN ('ReportReceived', 'ReportClosed')
                 GROUP BY s.id) e
          JOIN reports r ON r.id = e.id
         WHERE e.received <> 1 OR e.closed <> (r.closed_at IS NOT NULL)::int
        UNION ALL
        SELECT r.number, i.id::text, 'punya lebih dari satu catatan awal atau akhir SOP'
          FROM instances i LEFT JOIN reports r ON r.id = i.report_id
          JOIN (SELECT stream_id, count(*) FILTER (WHERE type = 'ProcessStarted') AS started,
                       count(*) FILTER (WHERE type IN ('ReportClosed', 'ProcessEnded')) AS ended
                  FROM events WHERE type IN ('ProcessStarted', 'ReportClosed', 'ProcessEnded')
                 GROUP BY stream_id) e ON e.stream_id = i.stream_id
         WHERE i.main
           AND (e.started <> (SELECT count(*) FROM instances o WHERE o.stream_id = i.stream_id)
             OR e.ended <> (SELECT count(*) FROM instances o
                             WHERE o.stream_id = i.stream_id AND o.ended_at IS NOT NULL))
    """),
    "tenggat": text("""
        SELECT r.number, coalesce(w.id, d.id) AS what, 'tenggat tugas ' || coalesce(w.element, '?') || CASE
                 WHEN d.id IS NULL THEN ' tidak punya perhitungan'
                 WHEN w.id IS NULL THEN ' tidak punya tugas'
                 WHEN (d.stopped_at IS NULL) <> (w.closed_at IS NULL) THEN ' tidak berhenti bersama tugasnya'
                 ELSE ' tidak sama dengan perhitungannya' END AS detail
          FROM (SELECT * FROM work_items WHERE due_at IS NOT NULL) w
          FULL JOIN (SELECT * FROM deadlines WHERE kind = 'tahap') d ON d.id = w.id
          LEFT JOIN instances i ON i.id = coalesce(w.instance_id, d.instance_id)
          LEFT JOIN reports r ON r.id = i.report_id
         WHERE d.id IS NULL OR w.id IS NULL OR (d.stopped_at IS NULL) <> (w.closed_at IS NULL)
            OR (w.closed_at IS NULL AND d.due_at <> w.due_at)
        UNION ALL
        SELECT r.number, i.id, 'tenggat seluruh laporan ' || CASE
                 WHEN (d.stopped_at IS NULL) <> (i.ended_at IS NULL) THEN 'tidak berhenti bersama SOP-nya'
                 ELSE 'tidak sama dengan perhitungannya' END
          FROM instances i JOIN deadlines d ON d.id = i.id AND d.kind = 'total'
          LEFT JOIN reports r ON r.id = i.report_id
         WHERE (d.stopped_at IS NULL) <> (i.ended_at IS NULL)
            OR (i.ended_at IS NULL AND d.due_at IS DISTINCT FROM i.total_due_at)
    """),
    "versi_tercatat": text("""
        SELECT r.number, i.id AS what, 'SOP berjalan pada versi yang tidak tercatat di jejaknya' AS detail
          FROM instances i LEFT JOIN reports r ON r.id = i.report_id
          LEFT JOIN LATERAL (
            SELECT coalesce(e.data->>'ke', e.data->>'versi') AS version FROM events e
             WHERE e.stream_id = i.stream_id AND e.data->>'sop' = i.sop_key
               AND e.type IN ('ProcessStarted', 'InstanceMoved', 'SopMoved', 'SopMovedBack')
             ORDER BY e.stream_seq DESC LIMIT 1) last ON true
         WHERE i.ended_at IS NULL AND last.version IS DISTINCT FROM i.sop_version_id::text
           AND NOT EXISTS (SELECT 1 FROM instances o
                            WHERE o.stream_id = i.stream_id AND o.sop_key = i.sop_key AND o.id <> i.id)
    """),
    "pesan_sekali": text("""
        SELECT r.number, m.id AS what, CASE
                 WHEN m.state = 'terkirim' THEN 'pesan terkirim tanpa waktu kirim'
                 ELSE 'pesan berkeadaan ' || m.state || ', padahal tercatat terkirim' END AS detail
          FROM outbox_messages m LEFT JOIN reports r ON r.id = m.report_id
         WHERE (m.state = 'terkirim' AND m.sent_at IS NULL)
            OR (m.state IN ('menunggu', 'gagal') AND m.sent_at IS NOT NULL)
            OR m.state NOT IN ('menunggu', 'terkirim', 'gagal', 'tanpa_alamat', 'dimatikan')
    """),
}
"""Name of the rule -> query. `:overdue` is the moment before which a timer should have fired."""

_COUNTS = text("""
SELECT (SELECT count(*) FROM events WHERE type = 'ReportReceived') AS received,
       count(*) FILTER (WHERE closed_at IS NULL) AS open,
       count(*) FILTER (WHERE closed_at IS NOT NULL) AS closed
  FROM reports
""")

_STREAMS = """
SELECT s.id AS stream_id, s.last_seq, s.last_hash, r.number, s.kind, e.seq, e.stream_seq, e.at, e.type,
       e.actor_kind, e.actor_id, e.role_code, e.source, e.data, e.commitments, e.hash,
       CASE WHEN e.commitments IS NOT NULL THEN (
         SELECT json_object_agg(x.field, json_build_array(encode(x.salt, 'hex'), x.value))
           FROM event_secrets x
          WHERE x.stream_id = e.stream_id AND x.stream_seq = e.stream_seq) END AS secrets
  FROM streams s LEFT JOIN events e ON e.stream_id = s.id LEFT JOIN reports r ON r.id = s.id
 {which} ORDER BY s.id, e.stream_seq
"""
_ALL_STREAMS = text(_STREAMS.format(which=""))
_ONE_STREAM = text(_STREAMS.format(which="WHERE r.number = :number"))

_RUNNING = text("""
SELECT i.id, i.sop_version_id, i.main, i.state, i.next_wake, i.suspended_at, i.waiting, i.total_due_at,
       r.number, r.status,
       EXISTS (SELECT 1 FROM incidents n WHERE n.instance_id = i.id AND n.resolved_at IS NULL) AS stuck,
       coalesce((SELECT json_agg(json_build_array(w.id, w.process, w.element, w.due_at))
                   FROM work_items w WHERE w.instance_id = i.id AND w.closed_at IS NULL), '[]') AS items
  FROM instances i LEFT JOIN reports r ON r.id = i.report_id
 WHERE i.state IS NOT NULL ORDER BY i.id
""")


def one_moment(session: Session) -> None:
    """See the city as it is now, whatever goes on meanwhile, and write nothing. First in its transaction."""
    session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    session.execute(text("SET LOCAL statement_timeout = 0"))


def is_known(session: Session, number: str) -> bool:
    """Whether a report has this number."""
    known = text("SELECT EXISTS (SELECT 1 FROM reports WHERE number = :number)")
    return bool(session.scalar(known, {"number": number}))


def offenders(session: Session, rule: str, *, overdue: datetime) -> Iterator[Row[Any]]:
    """Rows that break a rule: number, what, detail."""
    query = RULES[rule]
    given = {"overdue": overdue} if ":overdue" in query.text else {}
    yield from _streamed(session, query, given)


def counts(session: Session) -> Row[Any]:
    """received, open, closed."""
    return session.execute(_COUNTS).one()


def events_by_stream(session: Session, number: str | None = None) -> Iterator[Row[Any]]:
    """Every stream with its events in order, streams without any as one row whose `seq` is None."""
    which, given = (_ALL_STREAMS, {}) if number is None else (_ONE_STREAM, {"number": number})
    yield from _streamed(session, which, given)


def running(session: Session) -> Iterator[Row[Any]]:
    """Every running SOP with what the inboxes hold of it (`items`: id, process, element, due)."""
    yield from _streamed(session, _RUNNING, {})


def _streamed(session: Session, query: TextClause, given: Mapping[str, Any]) -> Iterator[Row[Any]]:
    """The answer, a few rows in memory at a time; closed also when the reader stops early."""
    with session.execute(query.execution_options(yield_per=ROWS_AT_A_TIME), given) as found:
        yield from found
