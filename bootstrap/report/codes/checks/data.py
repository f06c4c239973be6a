"""Codes of the checks of the area data."""

from __future__ import annotations

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "data.parquet": Explanation(
        "A table cannot be written or read with pyarrow or fastparquet, or comes back changed.",
        ("one of the two is damaged or of another version", "no room for a temporary file"),
        "`mlops-bootstrap verify --only environment --deep` names damaged files.",
    ),
    "data.model": Explanation(
        "The linear regression of module 1 cannot be trained, or its error is no number.",
        ("scikit-learn is damaged or of another version", "too little memory"),
        "`mlops-bootstrap verify --only environment --deep` names damaged files.",
    ),
    "data.files": Explanation(
        "A parquet file is damaged, or has not the columns that its name promises.",
        (
            "the download was cut off, or what was saved is a page that says 403",
            "it is of another colour: green has lpep_*, yellow tpep_*, and fhv PUlocationID",
        ),
        "Get the file anew with the command that the message gives. The old addresses"
        " (s3.amazonaws.com/nyc-tlc) do not work any more.",
    ),
}
