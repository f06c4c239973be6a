"""Import modules, so that their bytecode is written: MODULE... What is missing is left out."""

import contextlib
import importlib
import sys

if __name__ == "__main__":
    for module in sys.argv[1:]:
        with contextlib.suppress(ModuleNotFoundError):
            importlib.import_module(module)
