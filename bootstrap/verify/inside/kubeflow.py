"""A Kubeflow pipeline: compiled, and run by kfp's local runner in this very environment.

No `from __future__ import annotations` here: kfp reads the annotations of components as types.
"""

import json
import os
import sys
from pathlib import Path

import kfp
from kfp import compiler, dsl, local


@dsl.component(install_kfp_package=False)  # nothing is fetched: kfp is in the environment
def prefix_of_this() -> str:
    """The environment that a component runs in."""
    import sys

    return sys.prefix


@dsl.component(install_kfp_package=False)
def joined(left: str, right: str) -> str:
    """Two texts as one."""
    return f"{left} {right}"


@dsl.pipeline(name="mlops-bootstrap-verify")
def pipeline(word: str) -> str:
    """Two components, the second with what the first gives."""
    first = prefix_of_this()
    return joined(left=first.output, right=word).output


def main(question: Path, answer: Path) -> None:
    """Answer: {"kfp": its version, "compiled": bytes, "output": what the pipeline gave}."""
    folder = question.parent
    os.environ["TMPDIR"] = str(folder)  # each component leaves a folder there
    file = folder / "pipeline.yaml"
    compiler.Compiler().compile(pipeline, str(file))
    local.init(local.SubprocessRunner(use_venv=False), pipeline_root=str(folder / "outputs"))
    output = pipeline(word="well").output
    if output != f"{sys.prefix} well":
        raise SystemExit(f"the pipeline gave {output!r}")
    told = {"kfp": kfp.__version__, "compiled": file.stat().st_size, "output": output}
    answer.write_text(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
