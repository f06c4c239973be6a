"""Codes of the checks of the area security."""

from __future__ import annotations

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "security.ports": Explanation(
        "A container of the course is open to other machines, and asks nobody for a password.",
        (
            "--bind with an address of the network: then this is a warning",
            "a container that was started by hand with `-p PORT:PORT`; Docker's ports pass by ufw",
        ),
        "Publish on 127.0.0.1 and come in with `ssh -L PORT:127.0.0.1:PORT HOST`.",
    ),
    "security.listeners": Explanation(
        "A service is open to other machines, and asks nobody for a password.",
        (
            "--bind with an address of the network: then this is a warning",
            "another program on the port of a service: `ss -ltnp` names it",
        ),
        "Run `mlops-bootstrap up --bind 127.0.0.1` and come in with `ssh -L`.",
    ),
    "security.secrets": Explanation(
        "Others on this machine may read the passwords of the services, or you may not.",
        ("`chmod -R` on the home", "files put back from a backup", "sudo made some of them"),
        "Run the command of the message. Never use chmod 777.",
    ),
    "security.ssh": Explanation(
        "ssh refuses keys, or logins, because of who may read or write its files.",
        (
            "a key that was copied from Windows or downloaded: UNPROTECTED PRIVATE KEY FILE",
            "`chmod -R` on the home",
            "sudo made ~/.ssh, so that it belongs to root",
        ),
        "Run the command of the message; this tool changes nothing in ~/.ssh.",
    ),
    "security.aws": Explanation(
        "Others may read your AWS credentials, or you may not.",
        ("`chmod 777`, as some advise", "sudo made ~/.aws, so that it belongs to root"),
        "Run the command of the message. Never use chmod 777.",
    ),
    "security.passwords": Explanation(
        "A service has an empty password, or one that everybody knows.",
        ("an env file of the services was edited", "it was copied from a tutorial"),
        "Put the file back from a backup; new passwords need `mlops-bootstrap down --volumes`,"
        " which deletes the services' data.",
    ),
    "security.rc-files": Explanation(
        "A password or token stands in what this tool wrote for shells.",
        ("somebody added it between our marks, where the next `up` deletes it",),
        "Run `mlops-bootstrap up`, which writes the lines anew, and change what was seen there.",
    ),
    "security.remote": Explanation(
        "A token or password stands in .git/config, for every program of yours to read.",
        ("cloned with https://TOKEN@HOST/...", "a header set by a tool of a CI system"),
        "Run the command of the message, and withdraw the token where it was made.",
    ),
}
