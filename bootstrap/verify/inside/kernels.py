"""The kernels that Jupyter offers, and the program that each starts."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpecManager


def main(answer: Path) -> None:
    """Answer: {"native": name of the kernel of notebooks, "kernels": name -> {"folder",
    "program"}}. A plain `python` stands for the interpreter that Jupyter runs in, as there; the
    program is empty where a kernelspec cannot be read."""
    manager = KernelSpecManager()
    plain = {"python", "python3", f"python{sys.version_info[0]}.{sys.version_info[1]}"}
    kernels = {}
    for name, folder in manager.find_kernel_specs().items():
        try:
            program = (manager.get_kernel_spec(name).argv or [""])[0]
        except Exception:  # noqa: BLE001 - whatever somebody wrote into a kernel.json
            program = ""
        own = sys.executable if program in plain else program
        kernels[name] = {"folder": folder, "program": own}
    answer.write_text(json.dumps({"native": NATIVE_KERNEL_NAME, "kernels": kernels}))


if __name__ == "__main__":
    main(Path(sys.argv[2]))
