"""Codes of what preflight finds about a machine before anything is written."""

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "E-NO-PYTHON": Explanation(
        "`--python system` needs a CPython of the series that the wheels of the lock are for.",
        ("this machine has another one", "it is not on PATH"),
        "Install it, or take the locked one: `--python locked`.",
        see="ls /usr/bin/python3*",
    ),
    "E-PYTHON-SYSTEM": Explanation(
        "An environment on this machine's own Python is good for the native runtime only.",
        ("--python system was chosen earlier, and is remembered",),
        "Use `--runtime native` with it, or `--python locked`.",
    ),
    "E-PACKAGES": Explanation(
        "Debian packages are missing, and the native runtime does nothing as root.",
        ("a machine on which git or ca-certificates was never installed",),
        "Let an administrator install the packages that the message names.",
    ),
    "E-ARCH": Explanation(
        "The course is not made for this kind of processor.",
        ("an ARM machine where the lock has packages for x86-64 only, or the other way round",),
        "Use a machine of a type that the message names.",
        see="uname -m",
    ),
    "E-CLOCK": Explanation(
        "The clock of this machine is off, so that certificates look expired or not yet valid.",
        ("a virtual machine that was paused", "no time synchronisation"),
        "Set the clock: `sudo timedatectl set-ntp true`, then run `mlops-bootstrap up` again.",
        see="date -u",
    ),
    "E-DISK": Explanation(
        "There is less free disk space than the course needs.",
        ("a small disk", "images, caches or data of other work"),
        "Free as much as the message says, or enlarge the disk.",
        see="df -h",
    ),
    "E-DNS": Explanation(
        "Names of hosts cannot be looked up.",
        ("no network", "a wrong server in /etc/resolv.conf", "a network that only has a proxy"),
        "Mend the name lookup, or use a mirror: --source URL.",
        see="getent hosts github.com",
    ),
    "E-GLIBC": Explanation(
        "The C library of this system is too old, or another one, for the packages of the lock.",
        ("an old release of the distribution", "a system with musl, such as Alpine"),
        "Use a newer release of the distribution.",
        see="getconf GNU_LIBC_VERSION",
    ),
    "E-MEMORY": Explanation(
        "The machine has less memory than the services of the course need.",
        ("a small virtual machine",),
        "Use a machine with more memory.",
        see="free -h",
    ),
    "E-NOT-WRITABLE": Explanation(
        "A folder that has to be written cannot be.",
        ("it belongs to another user, often after an earlier run with sudo", "read-only media"),
        "Follow the remedy of the message; never run `mlops-bootstrap` itself with sudo.",
    ),
    "E-OS": Explanation(
        "The course needs another operating system or release.",
        ("a release that is older than what the course was tested on",),
        "Use a machine with a system that the message names.",
        see="cat /etc/os-release",
    ),
    "E-PATH": Explanation(
        "The path of the environment is longer than conda packages have room for.",
        ("a deep home folder",),
        "Set XDG_DATA_HOME to a short path such as /opt/course.",
    ),
    "E-PORT-TAKEN": Explanation(
        "A port that a service of the course needs is in use.",
        ("the program that the message names", "an MLflow or Prefect started by hand"),
        "End that program, or use another port: --port SERVICE=NUMBER.",
        see="sudo ss -ltnp",
    ),
    "E-PROXY": Explanation(
        "The proxy that the environment names does not work.",
        ("a slip in HTTPS_PROXY", "a proxy of another network", "it asks for a password"),
        "Correct the variable that the message names, or use a mirror.",
        see="env | grep -i _proxy",
    ),
    "W-MEMORY": Explanation(
        "The memory is enough for the services and tight for the larger notebooks.",
        ("a small virtual machine",),
        "Work on fewer months of data, or use a larger machine.",
        see="free -h",
    ),
    "W-PATH": Explanation(
        "The path of the environment has spaces or letters that some programs mishandle.",
        ("a user name with such letters",),
        "Set XDG_DATA_HOME to a short path of plain letters such as /opt/course.",
    ),
    "W-SWAP": Explanation(
        "There is little memory and no swap: a program that needs more is killed at once.",
        ("cloud machines come without swap",),
        "Add some with the command of the message.",
        see="swapon --show",
    ),
    "W-WSL": Explanation(
        "This is Windows Subsystem for Linux, which is not tested.",
        ("the course is installed on Windows",),
        "Keep the course in the Linux home and switch systemd on in /etc/wsl.conf.",
        see="cat /proc/version",
    ),
}
