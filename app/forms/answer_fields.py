"""One WTForms field class per way of asking. Each reads what a browser sends into one JSON answer (`data`)
and gives it back as it was typed (`typed`), also when it is wrong: nothing typed is ever lost.

`components/fields.html` draws them by `control`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from wtforms import Field
from wtforms.utils import unset_value

from app.domain.words import told
from app.engine.answer_types import LARGEST
from app.engine.declaration import Field as Declared
from app.engine.step import Json
from app.i18n import translated

Choice: TypeAlias = tuple[str, str] | tuple[str, str, str]
"""Value, label and, where the list has groups, the group's label."""

MANY = 7
"""More options than this are a list to open instead of buttons to press."""

_THOUSANDS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d{1,16}([.,]\d{1,16})?", re.ASCII)


class AnswerField(Field):
    """`declared` is the diagram's field. Set by the form: `shown` (the server may already know that it is
    not asked), `visible_now`, `required`, `visible_when`, `required_when`, `visible_words`, `audience`."""

    control = "text"
    grouped = False
    """Whether it is a fieldset with a legend instead of one input with a label."""

    def __init__(self, declared: Declared, **kwargs: Any) -> None:
        super().__init__(
            label=declared.label or declared.id,
            description=declared.help or "",
            id=f"isian-{declared.id}",
            **kwargs,
        )
        self.declared = declared
        self.zone = ZoneInfo("UTC")
        self.required = declared.required
        self.shown = True
        self.visible_now = True
        self.visible_when: Mapping[str, Json] | None = None
        self.required_when: Mapping[str, Json] | None = None
        self.visible_words: str | None = None
        self.audience: str | None = None
        self.choices: tuple[Choice, ...] = tuple((one.value, one.label) for one in declared.options)
        self.errors: list[str] = []
        self.typed: Any = None

    def process_data(self, value: Json) -> None:
        """Prefill from a draft or a default; anything JSON may stand there."""
        self.data = value
        self.typed = self.write(value)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        texts = [_storable(one) for one in valuelist if isinstance(one, str)]
        self.typed = texts[0] if texts else ""
        self.data = self.read(self.typed) if self.typed.strip() else None

    def read(self, text: str) -> Json:
        """The answer a typed text stands for; the text itself when it stands for none."""
        return text

    def write(self, value: Json) -> Any:
        """How an answer looks when shown for typing."""
        return "" if value is None else str(value)

    def unknown(self, value: Json) -> bool:
        """Whether an answer refers to something this page did not offer."""
        return False

    @property
    def words(self) -> str:
        """What is typed as people read it: labels instead of codes; empty when nothing is."""
        names = {choice[0]: choice[1] for choice in self.choices}
        typed = self.typed.values() if isinstance(self.typed, dict) else self.typed
        parts = [typed] if isinstance(typed, str) else typed or ()
        return ", ".join(translated(names.get(str(part), str(part))) for part in parts if part)

    @property
    def focus_id(self) -> str:
        """Id of the first thing to type in or press, for the links of the error summary."""
        return self.id

    @property
    def described_by(self) -> str:
        """Ids for `aria-describedby`, in reading order."""
        parts = []
        if self.description:
            parts.append(f"{self.id}-bantuan")
        if self.audience:
            parts.append(f"{self.id}-pembaca")
        if self.errors:
            parts.append(f"{self.id}-galat")
        return " ".join(parts)


class LineField(AnswerField):
    control = "text"


class TextField(AnswerField):
    control = "textarea"


class NumberField(AnswerField):
    """Whole numbers and decimals as Indonesians write them: `1.500`, `2,5`."""

    control = "number"

    @property
    def inputmode(self) -> str:
        return "decimal" if self.declared.type == "number" else "numeric"

    def read(self, text: str) -> Json:
        plain = text.strip().replace(" ", "")
        if _THOUSANDS.fullmatch(plain):
            plain = plain.replace(".", "")
        if not _DECIMAL.fullmatch(plain):
            return text
        number = float(plain.replace(",", "."))
        if number.is_integer() and abs(number) <= LARGEST:
            return int(number)
        return number if self.declared.type == "number" else text

    def write(self, value: Json) -> Any:
        return str(value).replace(".", ",") if isinstance(value, float) else super().write(value)


class DateField(AnswerField):
    control = "date"


class MomentField(AnswerField):
    """A date and time in the city's zone."""

    control = "datetime"

    def read(self, text: str) -> Json:
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            return text
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).isoformat()

    def write(self, value: Json) -> Any:
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            return super().write(value)
        return moment.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M") if moment.tzinfo else value


class ChoiceField(AnswerField):
    """One of few (buttons) or of many (a list to open)."""

    @property
    def control(self) -> str:  # type: ignore[override]
        if self.declared.type == "choice":
            return "select" if len(self.choices) > MANY else "radios"
        return "select" if self.choices else "text"

    @property
    def grouped(self) -> bool:  # type: ignore[override]
        return self.control == "radios"

    @property
    def focus_id(self) -> str:
        return f"{self.id}-1" if self.grouped else self.id

    def unknown(self, value: Json) -> bool:
        return bool(self.choices) and value not in {choice[0] for choice in self.choices}

    @property
    def groups(self) -> dict[str, list[Choice]]:
        """Choices by the label of their group (`""` without), in order."""
        groups: dict[str, list[Choice]] = {}
        for choice in self.choices:
            groups.setdefault(choice[2] if len(choice) == 3 else "", []).append(choice)
        return groups


class YesNoField(AnswerField):
    """Two buttons, so that *Tidak* can be told from not having answered."""

    control = "radios"
    grouped = True

    def __init__(self, declared: Declared, **kwargs: Any) -> None:
        super().__init__(declared, **kwargs)
        self.choices = (("true", told("Ya")), ("false", told("Tidak")))

    def read(self, text: str) -> Json:
        return {"true": True, "false": False}.get(text, text)

    def write(self, value: Json) -> Any:
        return str(value).lower() if isinstance(value, bool) else super().write(value)

    @property
    def focus_id(self) -> str:
        return f"{self.id}-1"


class RatingField(YesNoField):
    control = "rating"

    def __init__(self, declared: Declared, **kwargs: Any) -> None:
        super().__init__(declared, **kwargs)
        self.choices = (
            ("1", told("Sangat buruk")),
            ("2", told("Buruk")),
            ("3", told("Cukup")),
            ("4", told("Baik")),
            ("5", told("Sangat baik")),
        )

    def read(self, text: str) -> Json:
        return int(text) if text in ("1", "2", "3", "4", "5") else text


class ManyField(AnswerField):
    """Any number of options."""

    control = "checkboxes"
    grouped = True

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        self.data = [_storable(one) for one in valuelist if isinstance(one, str) and one]
        self.typed = self.data

    def write(self, value: Json) -> Any:
        return [str(one) for one in value] if isinstance(value, list) else []

    @property
    def focus_id(self) -> str:
        return f"{self.id}-1"


class PointField(AnswerField):
    """A point on the map; without scripts two numbers."""

    control = "location"
    grouped = True

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors = []
        self.process_data(None if data is unset_value else data)
        if formdata is not None:
            self.typed = {
                part: _storable(formdata.get(f"{self.name}__{part}", "")) for part in ("lat", "lng")
            }
            self.data = self._point() if any(text.strip() for text in self.typed.values()) else None

    def _point(self) -> dict[str, Json]:
        return {part: _degrees(text) for part, text in self.typed.items()}

    def write(self, value: Json) -> Any:
        point = value if isinstance(value, dict) else {}
        return {part: "" if point.get(part) is None else str(point[part]) for part in ("lat", "lng")}

    @property
    def focus_id(self) -> str:
        return f"{self.id}-lat"


class InfoField(AnswerField):
    control = "info"

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        self.data = None


def _storable(text: str) -> str:
    """Without the one character PostgreSQL keeps in no text."""
    return text.replace("\0", "")


def _degrees(text: str) -> Json:
    try:
        degrees = float(text.strip().replace(",", "."))
    except ValueError:
        return text
    return degrees if math.isfinite(degrees) else text
