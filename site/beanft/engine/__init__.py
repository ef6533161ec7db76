"""Data and learning, and nothing else.

The law of this folder: no web, no database, no settings. Functions take data frames, arrays, plain values
and paths, and return frozen dataclasses of plain values. What goes wrong because of the user's data is an
`EngineError` whose message is fit to be shown. pandas, numpy, scikit-learn, scipy and DuckDB are imported
here and nowhere else.
"""
