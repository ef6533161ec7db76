"""Makes small Excel and OpenDocument workbooks by hand, so that no test needs a program for them."""

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_STYLES = {"date": 1, "time": 2, "duration": 3, "moment": 4}


def column(number: int) -> str:
    """Letters of a column, from 1."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell(value: object, row: int, number: int) -> str:
    """One cell: text, a number, a boolean, ("date", 45000) or ("error", "#N/A")."""
    at = f'r="{column(number)}{row}"'
    if value is None:
        return ""
    if isinstance(value, tuple) and value[0] == "error":
        return f'<c {at} t="e"><v>{value[1]}</v></c>'
    if isinstance(value, tuple):
        return f'<c {at} s="{_STYLES[value[0]]}"><v>{value[1]}</v></c>'
    if isinstance(value, bool):
        return f'<c {at} t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str):
        return f'<c {at} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f"<c {at}><v>{value}</v></c>"


def rows(table: list[list[object]]) -> str:
    """XML of the rows of a sheet."""
    return "".join(
        f'<row r="{y}">{"".join(cell(value, y, x) for x, value in enumerate(row, 1))}</row>'
        for y, row in enumerate(table, 1)
    )


def xlsx(
    path: Path,
    sheets: dict[str, list[list[object]] | str],
    *,
    hidden: tuple[str, ...] = (),
    merged: tuple[str, ...] = (),
) -> Path:
    """Write an Excel workbook; a sheet may be the XML of its rows, `merged` are areas such as A2:A4."""
    areas = "".join(f'<mergeCell ref="{area}"/>' for area in merged)
    after = f'<mergeCells count="{len(merged)}">{areas}</mergeCells>' if merged else ""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            '<Override PartName="/xl/workbook.xml" ContentType='
            '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        )
        archive.writestr("_rels/.rels", _relations({"rId1": ("officeDocument", "xl/workbook.xml")}))
        named = {f"rId{n}": name for n, name in enumerate(sheets, 1)}
        listed = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{key[3:]}" r:id="{key}"'
            + (' state="hidden"/>' if name in hidden else "/>")
            for key, name in named.items()
        )
        archive.writestr(
            "xl/workbook.xml",
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        )
        parts = {key: ("worksheet", f"worksheets/{key}.xml") for key in named}
        archive.writestr(
            "xl/_rels/workbook.xml.rels", _relations({**parts, "rId999": ("styles", "styles.xml")})
        )
        archive.writestr(
            "xl/styles.xml",
            f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="2">'
            '<numFmt numFmtId="165" formatCode="[h]:mm:ss"/>'
            '<numFmt numFmtId="166" formatCode="yyyy-mm-dd hh:mm:ss"/></numFmts><cellXfs count="5">'
            '<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="21"/><xf numFmtId="165"/><xf numFmtId="166"/>'
            "</cellXfs></styleSheet>",
        )
        for key, name in named.items():
            content = sheets[name]
            body = content if isinstance(content, str) else rows(content)
            archive.writestr(
                f"xl/worksheets/{key}.xml",
                f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData>{after}</worksheet>',
            )
    return path


def _relations(parts: dict[str, tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for key, (kind, target) in parts.items()
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def ods(path: Path, sheets: dict[str, list[list[object]] | str]) -> Path:
    """Write an OpenDocument workbook of numbers and texts."""
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    names = "urn:oasis:names:tc:opendocument:xmlns"
    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>"
        f"{content if isinstance(content, str) else ''.join(map(_ods_row, content))}</table:table>"
        for name, content in sheets.items()
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), kind)
        archive.writestr(
            "META-INF/manifest.xml",
            f'{_HEAD}<manifest:manifest xmlns:manifest="{names}:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>',
        )
        archive.writestr(
            "content.xml",
            f'{_HEAD}<office:document-content xmlns:office="{names}:office:1.0" '
            f'xmlns:table="{names}:table:1.0" xmlns:text="{names}:text:1.0">'
            f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
            "</office:document-content>",
        )
    return path


def _ods_row(row: list[object]) -> str:
    return f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>"


def _ods_cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, str):
        text = f"<text:p>{escape(value)}</text:p>"
        return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p/></table:table-cell>'
