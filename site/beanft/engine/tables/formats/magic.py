"""Names what a file is from its bytes, and what to do when it is nothing that can be read as a table."""

import mmap
import re
import zipfile
from pathlib import Path

from beanft.engine.errors import EngineError

ARCHIVES = {
    "gzip": "gzip archive",
    "bzip2": "bzip2 archive",
    "xz": "xz archive",
    "zstd": "zstd archive",
    "lz4": "lz4 archive",
    "zip": "zip archive",
}
"""Archives that are unpacked, with their names."""

WORKBOOKS = {"excel": "Excel workbook", "opendocument": "OpenDocument sheet"}
"""Workbooks that are read, with their names."""

_HEAD = 1 << 16
_EXPORT = "Open it in the program that made it, save it as CSV and upload that."
_UNPACK = "Unpack it and upload the CSV inside."
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAS = b"\0" * 12 + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\0\x09\xc7\x31\x8c"
_R = "Write the table in R with write.csv and upload that."
_STATA = "Write the table in Stata with export delimited and upload that."
_MATLAB = "Write the table in MATLAB with writetable and upload that."
_PYTHON = "Write the table as CSV, for example with pandas: to_csv, and upload that."
_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", ""),
    (b"\xff\xd8\xff", "a JPEG picture", ""),
    (b"GIF8", "a GIF picture", ""),
    (b"II*\0", "a TIFF picture", ""),
    (b"MM\0*", "a TIFF picture", ""),
    (b"%PDF-", "a PDF document", "Export the table it shows as CSV from where the document was made."),
    (b"\x7fELF", "a program (ELF)", ""),
    (b"MZ\x90\0", "a Windows program", ""),
    (b"\x1f\x8b", "a gzip archive", _UNPACK),
    *((b"BZh%d1AY&SY" % level, "a bzip2 archive", _UNPACK) for level in range(1, 10)),
    (b"\xfd7zXZ\x00", "an xz archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", _UNPACK),
    (b"\x04\x22\x4d\x18", "an lz4 archive", _UNPACK),
    (b"PAR1", "a Parquet file", "Write it as CSV, for example with pandas: read_parquet, then to_csv."),
    (b"PARE", "an encrypted Parquet file", "Write it without encryption and upload that."),
    (b"ARROW1", "an Arrow file", "Write it as CSV, for example with pandas: read_feather, then to_csv."),
    (b"FEA1", "a Feather file of the first version", "Write it again as Parquet or CSV and upload that."),
    (_OLE, "an old Office document (Excel, Word)", _EXPORT),
    (b"SQLite format 3\x00", "an SQLite database", "Export the table as CSV and upload that."),
    (b"\0\1\0\0Standard ", "an Access database", "Export the table as CSV and upload that."),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", "Write the table as CSV and upload that."),
    (b"\x80\x04\x95", "a Python pickle", "Pickles are never opened; write the table as CSV and upload that."),
    (b"\x80\x05\x95", "a Python pickle", "Pickles are never opened; write the table as CSV and upload that."),
    (b"\x93NUMPY", "a NumPy array", _PYTHON),
    (b"Obj\x01", "an Avro file", _PYTHON),
    (b"ORC\x0a", "an ORC file", _PYTHON),
    (b"ORC\x08", "an ORC file", _PYTHON),
    (b"{\\rtf", "an RTF document", _EXPORT),
    (b"RDX2\n", "an R data file", _R),
    (b"RDX3\n", "an R data file", _R),
    (b"X\n\0\0\0", "an R data file", _R),
    (b"$FL2@(#)", "an SPSS file", "Save it in SPSS as CSV and upload that."),
    (b"$FL3@(#)", "an SPSS file", "Save it in SPSS as CSV and upload that."),
    (b"<stata_dta>", "a Stata file", _STATA),
    (b"\x71\x01\x01\0", "a Stata file", _STATA),
    (b"\x72\x02\x01\0", "a Stata file", _STATA),
    (b"\x73\x02\x01\0", "a Stata file", _STATA),
    (_SAS, "a SAS table", "Write the table in SAS with proc export and upload the CSV."),
    (b"HEADER RECORD*******", "a SAS transport file", "Write the table with proc export as CSV."),
    (b"MATLAB 5.0 MAT-file", "a MATLAB file", _MATLAB),
)
_MARKUP: tuple[tuple[bytes, str, str], ...] = (
    (b"<!doctype html", "an HTML page", "Perhaps the download gave an error page; fetch the CSV itself."),
    (b"<html", "an HTML page", "Perhaps the download gave an error page; fetch the CSV itself."),
    (b"<table", "an HTML page", "Perhaps the download gave an error page; fetch the CSV itself."),
    (b"<?xml", "an XML file", _EXPORT),
    (b'{"', "a JSON file", "Write it as CSV, for example with pandas: read_json, then to_csv."),
    (b"[{", "a JSON file", "Write it as CSV, for example with pandas: read_json, then to_csv."),
)
_READ: tuple[tuple[bytes, str], ...] = (
    (rb"\x1f\x8b\x08", "gzip"),
    (rb"BZh[1-9]1AY&SY", "bzip2"),
    (rb"\xfd7zXZ\x00", "xz"),
    (rb"\x28\xb5\x2f\xfd", "zstd"),
    (rb"\x04\x22\x4d\x18", "lz4"),
    (rb"PK(\x03\x04|\x05\x06)", "zip"),
    (rb"PAR1[^\t\r\n -~]", "parquet"),
    (rb"ARROW1\0\0", "arrow"),
    (rb"\xff{4}..[\0-\x0f]\0[\x04-\x40]\0\0\0", "arrow-stream"),
    (rb"(\xef\xbb\xbf)?[ \t\r\n]*(\{\s*[\"}]|\[\s*[\[{\]])", "json"),
    (rb"\xff\xfe(?:[ \t\r\n]\0)*(?:\{\0(?:[ \t\r\n]\0)*\"\0|\[\0(?:[ \t\r\n]\0)*[\[{]\0)", "json"),
)
_SPREADSHEETS = (".xls", ".xlsx", ".xlsb", ".ods")
_EXCEL_XML = b"urn:schemas-microsoft-com:office:spreadsheet"


def recognise(path: Path, *, original_name: str = "") -> str:
    """Say what a file is by its content; the name never decides.

    Parameters
    ----------
    path : Path
        The file.
    original_name : str
        Its name as the owner knows it, only to word a refusal.

    Returns
    -------
    str
        A key of ARCHIVES or WORKBOOKS, or 'parquet', 'arrow', 'arrow-stream', 'json' or 'text'.

    Raises
    ------
    EngineError
        When it is known to be something that cannot be read as a table.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(_OLE):
        return _old_office(path)
    for pattern, format_ in _READ:
        if re.match(pattern, head, re.DOTALL):
            return _zip_content(path) if format_ == "zip" else format_
    if sentence := _spreadsheet_page(head, original_name) or other_format(head):
        raise EngineError(sentence)
    return "text"


def reads_from_start(path: Path) -> bool:
    """Say whether the beginning of a file is enough to read some rows.

    Parameters
    ----------
    path : Path
        The file, or its beginning.

    Returns
    -------
    bool
        False for workbooks and for typed files, which have their directory at the end.
    """
    with path.open("rb") as file:
        return not file.read(8).startswith((b"PK", _OLE, b"PAR1", b"ARROW1", b"\xff\xff\xff\xff"))


def other_format(head: bytes) -> str:
    """Say what a file is when its first bytes show that it is no text table.

    Parameters
    ----------
    head : bytes
        The first kilobytes of the file.

    Returns
    -------
    str
        A sentence for the user, or "" when nothing is known against the file.

    Examples
    --------
    >>> other_format(b"GIF89a...")
    'This is a GIF picture, not a CSV. Upload the table as CSV.'
    >>> other_format(b"a,b")
    ''
    """
    if head.startswith(b"PK\x03\x04"):
        return _zipped(head)
    for signature, name, advice in _SIGNATURES:
        if head.startswith(signature):
            return _sentence(name, advice)
    if head[257:262] == b"ustar":
        return _sentence("a tar archive", _UNPACK)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:100].lower()
    for signature, name, advice in _MARKUP:
        if start.startswith(signature):
            return _sentence(name, advice)
    return ""


def _zipped(head: bytes) -> str:
    if b"xl/" in head or b"[Content_Types].xml" in head:
        return _sentence("an Excel workbook (or another Office document)", _EXPORT)
    if b"opendocument" in head:
        return _sentence("an OpenDocument file", _EXPORT)
    return _sentence("a zip archive or an Excel workbook", f"{_UNPACK} Or save the sheet as CSV.")


def _sentence(name: str, advice: str) -> str:
    return f"This is {name}, not a CSV. {advice or 'Upload the table as CSV.'}"


def _spreadsheet_page(head: bytes, original_name: str) -> str:
    """Many programs call an HTML page or an XML file .xls so that Excel opens it."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    save = "Open it in Excel or LibreOffice, save it as .xlsx or CSV and upload that."
    if _EXCEL_XML in start[:4096]:
        return f"This is an XML file of Excel 2003. {save}"
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<meta", b"<style")):
        ending = Path(original_name).suffix.lower()
        if ending in _SPREADSHEETS:
            return f"This is an HTML page with the name of a workbook ({ending}). {save}"
    return ""


def _zip_content(path: Path) -> str:
    """What a zip file is: a workbook, another document, or an archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            mimetype = _mimetype(archive) if "mimetype" in names else b""
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
        raise EngineError(
            "This begins like a workbook (.xlsx, .ods) or a zip archive, but it is damaged or not whole. "
            "Make it again and upload that."
        ) from error
    if any(name.startswith("xl/") for name in names):
        return "excel"
    if b"opendocument.spreadsheet" in mimetype:
        return "opendocument"
    if name := _document(names, mimetype):
        raise EngineError(_sentence(name, _EXPORT))
    return "zip"


def _mimetype(archive: zipfile.ZipFile) -> bytes:
    try:
        with archive.open("mimetype") as file:
            return file.read(200)
    except (zipfile.BadZipFile, RuntimeError, OSError, EOFError):
        return b""  # an archive that happens to hold such a name


def _document(names: set[str], mimetype: bytes) -> str:
    """Name of a document that is a zip file inside, or ''."""
    if b"opendocument" in mimetype:
        return "an OpenDocument file that is no sheet"
    if any(name.startswith("word/") for name in names):
        return "a Word document"
    if any(name.startswith("ppt/") for name in names):
        return "a PowerPoint document"
    if "Index/Document.iwa" in names:
        return "an Apple Numbers (or Pages) document"
    return "a Python model or array file" if any(name.endswith((".npy", ".pkl")) for name in names) else ""


def _old_office(path: Path) -> str:
    """Tell an old Excel workbook from the other documents kept in the same container."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            raise EngineError(
                "This is a workbook or document protected by a password. "
                "Save it without the password and upload that."
            )
        if content.find("WordDocument".encode("utf-16-le")) >= 0:
            raise EngineError(_sentence("an old Word document", _EXPORT))
        if content.find("PowerPoint Document".encode("utf-16-le")) >= 0:
            raise EngineError(_sentence("an old PowerPoint document", _EXPORT))
        for name in ("Workbook", "Book"):
            if content.find(name.encode("utf-16-le")) >= 0:
                return "excel"
    raise EngineError(_sentence("an old Office document (Excel, Word)", _EXPORT))
