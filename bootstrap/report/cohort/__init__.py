"""A class shown: as text, as a table for spreadsheets. Each takes the JSON object of a cohort."""
