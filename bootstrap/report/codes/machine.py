"""Codes of the machine: engine, images, repository, shell."""

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "E-APT-FAILED": Explanation(
        "apt could not install what is needed. Its own words are shown.",
        ("a package that was left half installed", "no room", "an apt source that is broken"),
        "Follow the remedy of the message, then run `mlops-bootstrap up` again.",
    ),
    "E-APT-LOCKED": Explanation(
        "Another program uses apt and did not end in time.",
        ("a fresh machine upgrades itself in the background", "apt is open in another terminal"),
        "Wait until the program that the message names ends, then run `mlops-bootstrap up` again."
        " MLOPS_BOOTSTRAP_APT_WAIT=SECONDS in the environment makes it wait longer.",
    ),
    "E-APT-NETWORK": Explanation(
        "apt cannot reach the host that it fetches packages from.",
        ("no network", "a proxy that apt does not know", "an address in its sources that is old"),
        "Check the network, the proxy and the addresses in /etc/apt/sources.list.",
    ),
    "E-ENGINE": Explanation(
        "Docker Engine answered a request with an error.",
        ("what the message says", "the engine is busy or short of room"),
        "Follow the message; `docker system df` shows what takes room.",
        see="docker system df",
    ),
    "E-ENGINE-LOST": Explanation(
        "Docker Engine does not answer any more.",
        ("it was stopped or restarted", "it ran out of memory or room"),
        "Run `mlops-bootstrap up`: it starts it again. Its log: `sudo journalctl -u docker`.",
        see="systemctl status docker",
    ),
    "E-ENGINE-START": Explanation(
        "Docker Engine was started and does not answer.",
        ("a setting in /etc/docker/daemon.json", "no room", "a kernel without what it needs"),
        "Its log says why: `sudo journalctl -u docker` or /var/log/docker.log.",
        see="sudo journalctl -u docker -n 50",
    ),
    "E-ENVIRONMENT-BROKEN": Explanation(
        "The course environment is installed just as its locks say, and cannot be imported.",
        ("the locks resolve and do not work together", "a package needs a newer C library"),
        "Tell who made the course; the last lines of the message name the module.",
    ),
    "E-IMAGE-BUILD": Explanation(
        "The course image could not be built.",
        ("no room for images", "what the last lines of the build say"),
        "Make room (`docker system df`), then run `mlops-bootstrap up` again.",
        see="docker system df",
    ),
    "E-IMAGE-CONTEXT": Explanation(
        "A file changed while an image was made from it.",
        ("pip or conda runs in the environment at the same time",),
        "End what writes there, then run the command again.",
    ),
    "E-IMAGE-MISSING": Explanation(
        "The registry has no image with the pinned digest.",
        ("a slip in the digest", "the mirror is incomplete"),
        "Check the digest in course.yml, or name a mirror that holds it: --source URL.",
    ),
    "E-IMAGE-PULL": Explanation(
        "An image could not be fetched.",
        ("no network", "the registry limits how often it may be asked", "a proxy"),
        "Wait and run `mlops-bootstrap up` again, or use a mirror.",
    ),
    "E-PLUGIN-KEPT": Explanation(
        "A Docker CLI plugin of your own is in the way, and an earlier one is kept already.",
        ("Docker Compose was installed by hand more than once",),
        "Move one of the two files of the message away.",
    ),
    "E-REPOSITORY-COMMIT": Explanation(
        "The course repository does not have the commit that the course pins.",
        ("a slip in course.yml", "history was rewritten upstream", "a mirror that is behind"),
        "Correct `repository.commit` in course.yml, or update the mirror.",
    ),
    "E-REPOSITORY-FOREIGN": Explanation(
        "The folder for the course repository holds something else. It was not touched.",
        ("an earlier clone of another repository", "a folder of yours with the same name"),
        "Move the folder away, or give another `destination:` in course.yml.",
    ),
    "E-SHELL-BLOCK": Explanation(
        "Our block in a shell start-up file is broken. The file was not touched.",
        ("one of its two marks was deleted or is there twice",),
        "Delete the lines from `# >>> mlops-bootstrap` to `# <<< mlops-bootstrap`.",
        see="grep -n mlops-bootstrap ~/.bashrc ~/.profile",
    ),
    "E-SECRETS-LOST": Explanation(
        "The passwords of the services are gone, and the database that knows them is not.",
        ("the configuration folder was deleted", "the volumes are of another user's run"),
        "Put the files back from a backup, or delete the data too:"
        " `mlops-bootstrap down --volumes`.",
    ),
    "E-DATABASE-LOCKED": Explanation(
        "Another process has a database of the services locked, so they could not use it.",
        ("a program that looks into the file", "a copy of it that is being made"),
        "End the program that the message names, then run `mlops-bootstrap up` again.",
    ),
    "E-SERVICE-UNHEALTHY": Explanation(
        "A service was started and did not become healthy in time.",
        ("it ran out of memory", "its data is damaged", "the machine is slow"),
        "Look at `mlops-bootstrap logs SERVICE`, then run `mlops-bootstrap up` again.",
        see="mlops-bootstrap status",
    ),
    "E-SUPERVISOR": Explanation(
        "The supervisor that runs the services as processes does not answer or refuses.",
        ("it ended in this moment", "no room for its log", "a file of its folder was changed"),
        "Its log is `~/.local/share/mlops-bootstrap/native/COURSE/logs/supervisor.log`. Run"
        " `mlops-bootstrap down`, then `mlops-bootstrap up` again.",
        see="mlops-bootstrap status",
    ),
    "E-SUDO": Explanation(
        "Some commands have to run as root, and root cannot be had. Nothing was changed.",
        ("this user may not use sudo", "sudo is not installed", "no terminal to ask on"),
        "Run it in a terminal as a user with sudo, or let an administrator run the commands that"
        " the message lists, then run it again.",
        see="sudo -v",
    ),
}
