"""Names what a file is when it is no CSV, from its first bytes, with the way to make a CSV of it."""

_EXPORT = "Open it in the program that made it, save it as CSV and upload that."
_UNPACK = "Unpack it and upload the CSV inside."
_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", ""),
    (b"\xff\xd8\xff", "a JPEG picture", ""),
    (b"GIF8", "a GIF picture", ""),
    (b"%PDF-", "a PDF document", "Export the table it shows as CSV from where the document was made."),
    (b"\x7fELF", "a program (ELF)", ""),
    (b"\x1f\x8b", "a gzip archive", _UNPACK),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ\x00", "an xz archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", _UNPACK),
    (b"PAR1", "a Parquet file", "Write it as CSV, for example with pandas: read_parquet, then to_csv."),
    (b"ARROW1", "an Arrow file", "Write it as CSV, for example with pandas: read_feather, then to_csv."),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (Excel, Word)", _EXPORT),
    (b"SQLite format 3\x00", "an SQLite database", "Export the table as CSV and upload that."),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", "Write the table as CSV and upload that."),
    (b"\x80\x04\x95", "a Python pickle", "Pickles are never opened; write the table as CSV and upload that."),
    (b"{\\rtf", "an RTF document", _EXPORT),
)
_MARKUP: tuple[tuple[bytes, str, str], ...] = (
    (b"<!doctype html", "an HTML page", "Perhaps the download gave an error page; fetch the CSV itself."),
    (b"<html", "an HTML page", "Perhaps the download gave an error page; fetch the CSV itself."),
    (b"<?xml", "an XML file", _EXPORT),
    (b'{"', "a JSON file", "Write it as CSV, for example with pandas: read_json, then to_csv."),
    (b"[{", "a JSON file", "Write it as CSV, for example with pandas: read_json, then to_csv."),
)


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
