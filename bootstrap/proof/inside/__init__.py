"""Scripts that run in the interpreter of the environment that is being proven.

Each takes two files: a question to read and an answer to write, both JSON. They import what is
locked, and nothing of this tool.
"""
