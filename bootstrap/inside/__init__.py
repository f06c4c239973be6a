"""Scripts that run in the interpreter of a course environment, in `lock prove` and in `verify`.

Each takes two files: a question to read and an answer to write, both JSON. They import what is
locked, and nothing of this tool.
"""

from pathlib import Path

INSIDE = Path(__file__).parent
"""Where they are."""
