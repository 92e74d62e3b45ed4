"""The tables of `exp export` as pandas reads them; where CSV and Parquet do not say the same, it ends with an error."""

import json
import math
import re
import sys

import pandas as pd
import pyarrow.parquet as parquet


def cell(value):
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return None if value is None or value is pd.NA else value


CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def guarded(value):
    """As CSV has it: nothing that moves a cursor, and nothing that a spreadsheet calculates."""
    plain = CONTROL.sub("\ufffd", value)
    is_number = re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?(Infinity|NaN)", plain, re.I)
    return "'" + plain if re.match(r"'*[=+\-@\t\r]", plain) and not is_number else plain


def same(left, right):
    if pd.isna(left) and pd.isna(right):
        return True
    return str(left) == guarded(right) if isinstance(right, str) else left == right


folder = sys.argv[1]
tables = {}
for name in ["runs", "curves"]:
    text = pd.read_csv(f"{folder}/{name}.csv", keep_default_na=True)
    columns = parquet.read_table(f"{folder}/{name}.parquet")
    frame = columns.to_pandas()
    assert list(text.columns) == list(frame.columns), (list(text.columns), list(frame.columns))
    for column in frame.columns:
        for left, right in zip(text[column], frame[column], strict=True):
            assert same(left, right), (name, column, left, right)
    tables[name] = {
        "types": {field.name: str(field.type) for field in columns.schema},
        "rows": [
            {key: cell(value) for key, value in row.items()} for row in columns.to_pylist()
        ],
    }
json.dump(tables, sys.stdout)
