"""Reading XML that somebody sent: no document type, no entities, no network, at most two megabytes.

The rules are BPMN's and DMN's own (neither needs a document type), so anything else is refused in words.
"""

from __future__ import annotations

from lxml import etree

from app.engine.declaration import NAMESPACE, Finding

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
LARGEST = 2 * 1024 * 1024
"""Bytes."""


class UnreadableMarkup(Exception):
    """The file cannot be read as a diagram at all; carries the finding that says so."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def parse_markup(file: str, content: bytes) -> etree._Element:
    """The root element of `content`.

    Raises `UnreadableMarkup` when the file is too large, declares a document type, or is not XML.
    """
    if len(content) > LARGEST:
        raise _unreadable(file, "berkas-terlalu-besar", "Berkas lebih besar dari 2 MB.",
                          "Bagi SOP menjadi beberapa proses yang saling memanggil.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
                             remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise _unreadable(file, "xml-rusak", f"Berkas bukan XML yang utuh: {_first_line(error)}",
                          "Simpan ulang diagram dari penyunting BPMN.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _unreadable(file, "doctype-ditolak", "Berkas memuat DOCTYPE, yang tidak diizinkan.",
                          "Hapus baris <!DOCTYPE …> dari berkas.")
    return root


def local(element: etree._Element) -> str:
    """Tag without its namespace."""
    return str(etree.QName(element).localname)


def namespace(element: etree._Element) -> str | None:
    found: str | None = etree.QName(element).namespace
    return found


def children(element: etree._Element, *, sop: bool = False) -> list[etree._Element]:
    """Child elements in the BPMN namespace, or in ours."""
    wanted = NAMESPACE if sop else BPMN
    return [child for child in element if namespace(child) == wanted]


def child(element: etree._Element, tag: str) -> etree._Element | None:
    found: etree._Element | None = element.find(f"{{{BPMN}}}{tag}")
    return found


def text_of(element: etree._Element | None) -> str | None:
    """Stripped text of an element, None when the element is absent; empty text is ''."""
    return None if element is None else "".join(element.itertext()).strip()


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def _unreadable(file: str, rule: str, message: str, repair: str) -> UnreadableMarkup:
    return UnreadableMarkup(Finding(file=file, element=None, rule=rule, severity="error", message=message,
                                    repair=repair))
