"""Who may do what: the one table. A route names a permission, a role carries permissions, nothing else.

Which *report* or *task* somebody may touch is asked besides, by the rules about units (`Actor.holds`).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Permission(StrEnum):
    """Something an officer may be allowed to do."""

    OWN_ACCOUNT = "own_account"
    TASK_READ = "task_read"
    TASK_COMPLETE = "task_complete"
    TASK_HAND_OVER = "task_hand_over"
    REPORT_READ = "report_read"
    REPORT_READ_CONFIDENTIAL = "report_read_confidential"
    """Content of *rahasia* reports that are not in the reader's own inbox."""
    REPORT_RECORD = "report_record"
    """Take down a report for somebody at a desk or on the phone."""
    IDENTITY_READ = "identity_read"
    """Open the reporter's name and contact, with a purpose, journaled."""
    MESSAGE_WRITE = "message_write"
    """Write into a report's conversation, or an internal note."""
    INCIDENT_READ = "incident_read"
    INCIDENT_RETRY = "incident_retry"
    JOBS_READ = "jobs_read"
    PEOPLE_MANAGE = "people_manage"
    CITY_MANAGE = "city_manage"
    SOP_READ = "sop_read"
    SOP_EDIT = "sop_edit"
    SOP_APPROVE = "sop_approve"
    STATISTICS_READ = "statistics_read"
    TRACE_READ = "trace_read"
    OPERATE = "operate"
    """Act on a running report outside its SOP's own way: reassign, cancel, skip, move, hold back …"""
    OPERATE_SECOND = "operate_second"
    """Agree, as another person, to what somebody asked for that cannot be undone."""


_P = Permission
EVERYBODY = frozenset({_P.OWN_ACCOUNT, _P.SOP_READ})
WORKS = EVERYBODY | {_P.TASK_READ, _P.TASK_COMPLETE, _P.REPORT_READ, _P.MESSAGE_WRITE}
LEADS = WORKS | {_P.TASK_HAND_OVER, _P.STATISTICS_READ, _P.REPORT_READ_CONFIDENTIAL}

ROLE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    "operator_opd": WORKS | {_P.TASK_HAND_OVER, _P.IDENTITY_READ},
    "verifikator": WORKS,
    "kelurahan": WORKS | {_P.REPORT_RECORD},
    "kepala_opd": LEADS | {_P.OPERATE_SECOND},
    "asisten": LEADS | {_P.SOP_APPROVE, _P.OPERATE_SECOND},
    "sekda": LEADS | {_P.SOP_APPROVE, _P.OPERATE_SECOND},
    "wali_kota": LEADS,
    "bappeda": WORKS | {_P.TASK_HAND_OVER, _P.STATISTICS_READ, _P.SOP_EDIT},
    "inspektorat": WORKS
    | {_P.STATISTICS_READ, _P.TRACE_READ, _P.REPORT_READ_CONFIDENTIAL, _P.INCIDENT_READ, _P.IDENTITY_READ},
    "admin_kominfo": LEADS
    | {
        _P.REPORT_RECORD,
        _P.IDENTITY_READ,
        _P.INCIDENT_READ,
        _P.INCIDENT_RETRY,
        _P.JOBS_READ,
        _P.PEOPLE_MANAGE,
        _P.CITY_MANAGE,
        _P.OPERATE,
        _P.OPERATE_SECOND,
    },
}
"""A role that a city defines itself, and which is not named here, works like any other that has tasks."""


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """What somebody who holds these roles may do. Nobody without a role may do anything."""
    granted: frozenset[Permission] = frozenset()
    for role in roles:
        granted |= ROLE_PERMISSIONS.get(role, WORKS)
    return granted
