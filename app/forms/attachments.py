"""Photos and files of a task's form: they arrive before the form does and are ticked in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.engine.declaration import Field as Declared
from app.engine.step import Json
from app.forms.answer_fields import ManyField


@dataclass(frozen=True, slots=True)
class Upload:
    """A photo or file that already arrived for this field. `url` is its permission-checked address, `label`
    says what it is; `fresh` marks one sent with this very request by a browser without scripts."""

    id: str
    url: str
    label: str
    fresh: bool = False


class UploadField(ManyField):
    """Photos or files that are already here, each with a tick; new ones come by their own address, or,
    without scripts, with the form under `file_name`."""

    control = "photos"

    def __init__(self, declared: Declared, **kwargs: Any) -> None:
        super().__init__(declared, **kwargs)
        self.uploads: tuple[Upload, ...] = ()

    @property
    def words(self) -> str:
        return ", ".join(upload.label for upload in self.uploads if upload.id in self.typed)

    @property
    def file_name(self) -> str:
        return upload_name(self.declared.id)

    def unknown(self, value: Json) -> bool:
        return not set(value) <= {upload.id for upload in self.uploads}

    def offer(self, uploads: Sequence[Upload]) -> None:
        """Bind what arrived. Fresh ones count as ticked; on a first showing without a draft all do."""
        self.uploads = tuple(uploads)
        ticked = self.data if isinstance(self.data, list) else [one.id for one in uploads]
        ticked = ticked + [one.id for one in uploads if one.fresh and one.id not in ticked]
        self.data = self.typed = ticked

    @property
    def focus_id(self) -> str:
        return self.id


def upload_name(field_id: str) -> str:
    """Name of the plain file input of a photo or file field."""
    return f"{field_id}__berkas"
