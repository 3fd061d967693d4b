"""Forms that come from the diagram: a user task declares its fields, a WTForms class is built from them.

The form never decides by itself: `validate` asks `app.engine.answers.check_answers`, the same rule that the
walk and the engine use, and hangs each fault on its field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm

from app.domain.words import told
from app.engine.answer_types import REFERENCES, is_blank
from app.engine.answers import Checked, check_answers, defaults, required_fields, visible_fields
from app.engine.declaration import Field as Declared
from app.engine.declaration import Task
from app.engine.step import Json
from app.forms.answer_fields import (
    AnswerField,
    Choice,
    ChoiceField,
    DateField,
    InfoField,
    LineField,
    ManyField,
    MomentField,
    NumberField,
    PointField,
    RatingField,
    TextField,
    YesNoField,
)
from app.forms.attachments import Upload, UploadField
from app.forms.conditions import condition_tree, condition_words, reads_form
from app.i18n import translated

Functions = Mapping[str, Callable[..., Json]]
Choices = Mapping[str, Sequence[Choice]]
"""Type (`unit`, `person`, `category`, `kelurahan`, `report`) or field id -> what may be chosen."""


FIELD_CLASSES: Mapping[str, type[AnswerField]] = {
    "string": LineField,
    "text": TextField,
    "integer": NumberField,
    "number": NumberField,
    "boolean": YesNoField,
    "date": DateField,
    "datetime": MomentField,
    "choice": ChoiceField,
    "choices": ManyField,
    "unit": ChoiceField,
    "person": ChoiceField,
    "category": ChoiceField,
    "kelurahan": ChoiceField,
    "report": ChoiceField,
    "location": PointField,
    "photo": UploadField,
    "file": UploadField,
    "rating": RatingField,
    "info": InfoField,
}
"""One class for every field type of the contract."""


class DiagramForm(BaseForm):
    """One task's form. Fields are reached as `form["hasil"]`, never as attributes, so that a diagram may call
    a field `data` or `errors`. Make one with `diagram_form`."""

    declared: ClassVar[tuple[Declared, ...]] = ()
    role: ClassVar[str | None] = None
    unbound: ClassVar[Mapping[str, UnboundField[Any]]] = {}

    def __init__(
        self, variables: Mapping[str, Json], functions: Functions, choices: Choices, zone: str
    ) -> None:
        super().__init__(self.unbound)
        self.variables = variables
        self.functions = functions
        self.zone = ZoneInfo(zone)
        self._checked: Checked | None = None
        for field in self.answer_fields:
            self._prepare(field, choices)

    @property
    def answer_fields(self) -> tuple[AnswerField, ...]:
        return tuple(field for field in self if isinstance(field, AnswerField))

    def _prepare(self, field: AnswerField, choices: Choices) -> None:
        """Put in the conditions, the choices and the note on who reads it."""
        declared = field.declared
        field.zone = self.zone
        ids = {one.id for one in self.declared if one.type != "info"}
        if declared.visible_when is not None and reads_form(declared.visible_when, ids):
            field.visible_when = condition_tree(declared.visible_when, ids, self.variables)
            field.visible_words = condition_words(
                declared.visible_when, {one.id: one for one in self.declared}
            )
        if declared.required_when is not None and reads_form(declared.required_when, ids):
            field.required_when = condition_tree(declared.required_when, ids, self.variables)
        if declared.type in REFERENCES:
            field.choices = tuple(choices.get(declared.id, choices.get(declared.type, ())))
        field.audience = audience(declared, self.role)

    def bind(
        self, formdata: Any, draft: Mapping[str, Json] | None, uploads: Mapping[str, Sequence[Upload]]
    ) -> None:
        """Fill with what was sent, else with the draft over the defaults."""
        started = defaults(self.declared, self.variables, self.functions)
        self.process(formdata, data={**started, **(draft or {})})
        for field in self.answer_fields:
            if isinstance(field, UploadField):
                field.offer(uploads.get(field.declared.id, ()))
        self._show()

    def _show(self) -> None:
        present = (self.declared, self.typed(), self.variables, self.functions)
        visible, required = visible_fields(*present), required_fields(*present)
        ids = {one.id for one in self.declared if one.type != "info"}
        for field in self.answer_fields:
            condition = field.declared.visible_when
            field.required = field.declared.id in required
            field.visible_now = field.declared.id in visible
            depends = condition is not None and reads_form(condition, ids)
            field.shown = field.visible_now or depends

    def typed(self) -> dict[str, Json]:
        """What stands in the form now, right or wrong, as JSON: this is what a draft keeps."""
        return {
            field.declared.id: field.data for field in self.answer_fields if field.declared.type != "info"
        }

    def words(self) -> list[tuple[str, str]]:
        """(question, answer) of what is typed into the fields that are asked now, as people read it."""
        asked = [field for field in self.answer_fields if field.visible_now and field.control != "info"]
        return [(field.label.text, field.words) for field in asked if field.words]

    def validate(self, extra_validators: Any = None) -> bool:
        """Hold the answers against the declaration, and references against what was offered."""
        checked = check_answers(self.declared, self.typed(), self.variables, self.functions)
        faults = {**self._foreign(checked.values), **checked.faults}
        for field in self.answer_fields:
            fault = faults.get(field.declared.id)
            field.errors = [] if fault is None else [translated(fault)]
        self._checked = Checked(checked.values, faults)
        return not faults

    def _foreign(self, values: Mapping[str, Json]) -> dict[str, str]:
        """Faults of choices and photos that were not offered to this person on this page."""
        faults = {}
        for field in self.answer_fields:
            value, name = values.get(field.declared.id), f"“{field.declared.label}”"
            if is_blank(value) or value is None:
                continue
            if isinstance(field, UploadField) and field.unknown(value):
                faults[field.declared.id] = told(
                    "Ada berkas pada %(field)s yang tidak ditemukan; kirim ulang.", field=name
                )
            elif field.unknown(value):
                faults[field.declared.id] = told("Pilih %(field)s dari daftar.", field=name)
        return faults

    def answers(self) -> dict[str, Json]:
        """The typed answers, to be handed to the engine; call `validate` first."""
        if self._checked is None or self._checked.faults:
            raise ValueError("answers() of a form that was not validated, or has faults")
        return dict(self._checked.values)

    def show_faults(self, faults: Mapping[str, str]) -> None:
        """Hang faults on fields that were found later, by the engine."""
        for field in self.answer_fields:
            if field.declared.id in faults:
                field.errors = [translated(faults[field.declared.id])]

    @property
    def summary(self) -> list[tuple[str, str]]:
        """(id to jump to, sentence) of every fault, in the order of the page."""
        return [(field.focus_id, error) for field in self.answer_fields for error in field.errors]


def audience(declared: Declared, role: str | None) -> str | None:
    """Whom a written answer reaches: `publik`, `pelapor` (the reporter and who handles it) or `internal`.
    Only asked of what is written freely or shown as a picture."""
    if declared.type not in ("string", "text", "photo", "file"):
        return None
    if declared.public and not declared.personal:
        return "publik"
    return "pelapor" if role == "pelapor" or (declared.reporter and not declared.personal) else "internal"


@lru_cache(maxsize=512)
def form_class(fields: tuple[Declared, ...], role: str | None) -> type[DiagramForm]:
    """The form class of a declaration; equal declarations share one."""
    unbound = {one.id: UnboundField(FIELD_CLASSES.get(one.type, AnswerField), declared=one) for one in fields}
    return type("TaskForm", (DiagramForm,), {"declared": fields, "role": role, "unbound": unbound})


def diagram_form(
    task: Task,
    *,
    variables: Mapping[str, Json],
    functions: Functions,
    choices: Choices | None = None,
    formdata: Any = None,
    draft: Mapping[str, Json] | None = None,
    uploads: Mapping[str, Sequence[Upload]] | None = None,
    zone: str = "Asia/Makassar",
) -> DiagramForm:
    """A task's form, filled. `formdata` is the request's (None on a first showing, when the draft or the
    defaults stand in it); `uploads` are the photos and files already sent, by field id."""
    form = form_class(task.fields, task.role)(variables, functions, choices or {}, zone)
    form.bind(formdata, draft, uploads or {})
    return form
