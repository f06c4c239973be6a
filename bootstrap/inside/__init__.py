"""Scripts that run in the interpreter of a course environment.

Each takes two files: a question to read and an answer to write, both JSON; what is in `predictor`
is served by gunicorn. They import what is locked, and nothing of this tool.
"""

from pathlib import Path

INSIDE = Path(__file__).parent
"""Where they are."""
