"""The command `mlops-bootstrap`: finds the sub-command, and turns errors into words and codes."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from bootstrap import __version__
from bootstrap.cli.leave import leave
from bootstrap.core.errors import BootstrapError

COMMANDS = {
    "up": "Bring this machine to what the course needs, and prove that it works.",
    "plan": "Say what `up` would change.",
    "status": "Say what is on this machine now.",
    "verify": "Prove that this machine works.",
    "cohort": "Show what fails in a class, from reports of `verify`.",
    "update": "Go on to the environment of the course's locks; the one before is kept.",
    "rollback": "Go back to the environment before; once more, and forward again.",
    "gc": "Remove what nothing uses: old environments, images, caches.",
    "logs": "Show what the services log.",
    "down": "Stop the services; their data stays.",
    "shell": "Open a shell in the course environment.",
    "run": "Run one command in the course environment.",
    "lock": "Make, check or prove the locks of a course.",
    "init": "Begin a course of your own.",
    "sbom": "List what the course environment is made of (SBOM).",
    "image": "Build container images with the course environment, and prove what is in one.",
    "export": "Write the course as a file for another tool: Dockerfile, CI, cloud-init.",
    "schema": "Print the JSON schema of course.yml, or of reports.",
    "diagnose": "Write a support bundle, for somebody who helps.",
    "explain": "Explain a code, or list all of them.",
}
"""Every command with its help. Each is in bootstrap/cli/NAME.py, imported when it is called."""


NO_PLUGINS = ("PYDANTIC_DISABLE_PLUGINS", "1")
"""For this process only: machine/inside.py takes it out of what `run` and `shell` start."""

GC_THRESHOLD = 50_000
"""New objects before the collector looks, instead of 700."""


class Commands(click.Group):
    """Commands by name; `--help` shows the list above without importing one."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's interface
        """Give all names, in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"bootstrap.cli.{cmd_name}")
        found: click.Command = module.command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for a slip of the keys name the nearest one."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            import difflib

            near = difflib.get_close_matches(name, COMMANDS, 1)
            hint = f" Did you mean `{near[0]}`?" if near else ""
            raise click.UsageError(f"There is no command `{name}`.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.command(
    cls=Commands,
    help="Turns a fresh machine into a working MLOps course machine, and proves that it works.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="mlops-bootstrap")
def entry() -> None:
    """Do nothing: the sub-command does it."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit. No traceback reaches a user."""
    # What is imported lives until the end: looking for garbage in it costs a tenth of a no-op `up`.
    gc.set_threshold(GC_THRESHOLD)
    # pydantic would read the metadata of every installed package for plugins that we do not have.
    os.environ.setdefault(*NO_PLUGINS)
    leave(call(arguments))


def call(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    try:
        code = entry.main(arguments, prog_name="mlops-bootstrap", standalone_mode=False)
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        code = 128 + signal.SIGINT
    except BootstrapError as error:
        code = _failed(error)
    except BrokenPipeError:
        # The reader of our output went away (`| head`): that is no error of anybody's.
        code = 128 + signal.SIGPIPE
    except Exception as error:
        if os.environ.get("MLOPS_BOOTSTRAP_TRACEBACK"):
            raise
        code = _failed(_unforeseen(error))
    return code if isinstance(code, int) else 0


def _unforeseen(error: Exception) -> BootstrapError:
    if isinstance(error, ModuleNotFoundError):
        return BootstrapError(
            "E-TOOL-PARTIAL",
            f"this command needs {error.name}, which is not installed with mlops-bootstrap here",
            remedy="in an image use `verify`, `cohort` or `explain`; elsewhere install it anew",
        )
    return BootstrapError(
        "E-INTERNAL",
        f"{type(error).__name__}: {error}",
        remedy="a defect of mlops-bootstrap: report what MLOPS_BOOTSTRAP_TRACEBACK=1 shows",
    )


def _failed(error: BootstrapError) -> int:
    from bootstrap.cli.output import show_error

    show_error(error, "--json" in sys.argv)
    return error.exit_code


if __name__ == "__main__":
    main()
