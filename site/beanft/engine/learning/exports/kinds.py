"""The kinds of files that can be made of a model; loads nothing, because pages ask it too."""

KINDS = {"skops": "zip", "reproduce": "zip", "onnx": "onnx"}
"""Kinds of files, with the ending of their names."""


def file_name(key: str, kind: str) -> str:
    """Name of the file of a kind beside the model.

    Parameters
    ----------
    key : str
        Key of the model's run.
    kind : str
        One of KINDS.

    Returns
    -------
    str
        Begins with the key, as all that is of one model does.

    Examples
    --------
    >>> file_name("boosting-2", "onnx")
    'boosting-2.export-onnx.onnx'
    """
    return f"{key}.export-{kind}.{KINDS[kind]}"
