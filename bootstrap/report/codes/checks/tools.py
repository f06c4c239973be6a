"""Codes of the checks of the area tools."""

from __future__ import annotations

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "tools.system": Explanation(
        "The course is not tested on this system.",
        (
            "another distribution, an older release, another processor or C library",
            "Windows Subsystem for Linux, with or without systemd",
        ),
        "Use a machine with a system that the message names; a warning means that it may work.",
    ),
    "tools.disk": Explanation(
        "The disk is full, or nearly: `No space left on device` comes next.",
        (
            "a small root disk: 10 GB are too few, take 30",
            "data, mlruns and old images: `docker system df` shows the engine's share",
            "environments and downloads of earlier versions, which `mlops-bootstrap gc` removes",
        ),
        "Run `mlops-bootstrap gc`, delete data that can be fetched again, or enlarge the disk.",
    ),
    "tools.memory": Explanation(
        "The machine has less memory than the course asks for.",
        ("a small virtual machine", "a memory limit of WSL (.wslconfig) or of the hypervisor"),
        "Use a machine with more memory, or work on fewer months of data.",
    ),
    "tools.swap": Explanation(
        "Memory is short and there is no swap: what does not fit is killed at once.",
        ("images of cloud providers come without swap",),
        "Add a swap file; the message has the command.",
    ),
    "tools.out-of-memory": Explanation(
        "The kernel ended programs because memory ran out.",
        (
            "a notebook or a training that does not fit: the kernel of the notebook just dies",
            "several notebooks that keep their data, beside the services",
            "a dense matrix where a sparse one would do (DictVectorizer)",
        ),
        "Close notebooks, use fewer months of data, add swap; the count is since the last boot.",
    ),
    "tools.docker-group": Explanation(
        "You may not use Docker Engine, not for good, or not yet in this session.",
        (
            "no new login since you were added to the group docker: `id -nG` does not name it yet",
            "VS Code keeps its server, and with it the old session, across windows",
            "somebody took you out of the group",
        ),
        "Log out and in again; where `getent group docker` does not name you, run the command of"
        " the message first. Never make the socket writable for all.",
    ),
    "tools.engine": Explanation(
        "Docker Engine does not answer: `Cannot connect to the Docker daemon`.",
        (
            "it is not running, or was not started after a reboot",
            "it is not installed",
            "DOCKER_HOST names an engine that is not there",
        ),
        "Run `mlops-bootstrap up`: it installs and starts the engine. Its log:"
        " `sudo journalctl -u docker`.",
    ),
    "tools.docker-cli": Explanation(
        "The engine is there, and the docker command is not, or speaks with another engine.",
        (
            "Debian 13 has it in a package of its own, docker-cli",
            "a docker context (Docker Desktop leaves one) or DOCKER_HOST leads elsewhere",
        ),
        "Install it with the command of the message, or run `docker context use default`.",
    ),
    "tools.git": Explanation(
        "git is not installed, or not on PATH.",
        ("a minimal image", "a line in an rc file that sets PATH without the system's folders"),
        "Run `sudo apt-get install git`, or mend the line that sets PATH.",
    ),
    "tools.shells": Explanation(
        "A shell does not come to the end of its rc files, so that nothing after it counts.",
        (
            "`exit` or `exec` in ~/.bashrc or ~/.profile",
            "a line there that asks a question, or waits for the network",
        ),
        "Find the line with the command of the message, and delete it.",
    ),
    "tools.compose": Explanation(
        "The pinned docker-compose is not there, or not as it was downloaded.",
        ("it was replaced by another version", "it was deleted or damaged"),
        "Run `mlops-bootstrap up`: it fetches the pinned file again.",
    ),
    "tools.compose-path": Explanation(
        "A kind of shell does not find our docker-compose.",
        (
            "a ~/.bash_profile that was made later: bash then no longer reads ~/.profile",
            "our lines were deleted from an rc file",
            "our lines stand below the ones that end ~/.bashrc for `ssh HOST COMMAND`",
        ),
        "Run `mlops-bootstrap up`: it puts the lines where they have to be.",
    ),
    "tools.compose-shadowed": Explanation(
        "Another docker-compose comes first: `unknown flag`, `Unsupported config option`.",
        (
            "Compose v1 from apt or pip, in front of ours on PATH",
            "a ~/soft or ~/bin from an older version of the course, put first by ~/.bashrc",
            "an alias or a function",
        ),
        "Move it out of the way with the command of the message; `type -a docker-compose` lists"
        " all of them.",
    ),
    "tools.compose-plugin": Explanation(
        "`docker compose` is not there, or another version.",
        (
            "the link in ~/.docker/cli-plugins was deleted or replaced",
            "DOCKER_CONFIG names another folder",
        ),
        "Run `mlops-bootstrap up`: it puts the link back; and unset DOCKER_CONFIG.",
    ),
}
