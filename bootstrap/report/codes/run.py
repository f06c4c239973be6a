"""Codes of runs, plans, locks and commands."""

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "E-BLOCKED": Explanation(
        "A step was not tried, because a step that it needs did not succeed.",
        ("the step that it names failed: that failure is the one to look at",),
        "Mend the failure of the step that is named and run `mlops-bootstrap up` again.",
    ),
    "E-CODE-UNKNOWN": Explanation(
        "`explain` was asked for a code that this version does not know.",
        ("a slip of the pen", "the code is of another version of mlops-bootstrap"),
        "Copy the code from the message; docs/errors.md lists all of them.",
    ),
    "E-COMMAND-DEADLINE": Explanation(
        "A program that this tool started did not end in time and was stopped.",
        ("a network that stalls", "a machine that is very busy", "a prompt nobody can answer"),
        "Run `mlops-bootstrap up` again; run the command of the message by hand if it stays.",
    ),
    "E-COMMAND-FAILED": Explanation(
        "A program that this tool started ended with an error. Its last lines are shown.",
        ("what its last lines say",),
        "Follow what its last lines say, then run `mlops-bootstrap up` again.",
    ),
    "E-COMMAND-MISSING": Explanation(
        "A program that is needed is not on PATH.",
        ("it is not installed", "PATH was changed so that its folder is missing"),
        "Install it with the command of the message, then run `mlops-bootstrap up` again.",
    ),
    "E-DISK-FULL": Explanation(
        "No room is left where a file was being written. What arrived so far is kept.",
        ("the disk is full", "a quota is used up"),
        "Make room (`df -h` shows where), then run `mlops-bootstrap up` again: it goes on.",
        see="df -h",
    ),
    "E-INTERNAL": Explanation(
        "A defect of mlops-bootstrap: an error that it should have recognised and did not.",
        ("a case that nobody thought of",),
        "Run the command again; if it stays, send what `mlops-bootstrap diagnose` writes.",
    ),
    "E-INTERRUPTED": Explanation(
        "The run was stopped by Ctrl-C or a signal. What was done is kept.",
        ("Ctrl-C", "the terminal was closed", "the machine is shutting down"),
        "Run `mlops-bootstrap up` again: it goes on where this run stopped.",
    ),
    "E-LOCK-FILE": Explanation(
        "The file that keeps two runs apart cannot be opened.",
        ("its folder belongs to another user or is read-only",),
        "Set MLOPS_BOOTSTRAP_RUN_DIR to a folder that you can write.",
    ),
    "E-LOCKED": Explanation(
        "Another run is under way on this machine; nothing was done.",
        ("`mlops-bootstrap up` runs in another terminal, or by another user",),
        "Wait until it ends, or stop it, then run the command again. A lock that is left behind"
        " cannot be: the kernel drops it when its holder ends.",
    ),
    "E-NO-SERVICE": Explanation(
        "`logs` was asked for a service that the course does not have.",
        ("a slip in the name",),
        "Name one of the services that the message lists.",
    ),
    "E-NOT-UP": Explanation(
        "The command needs what `mlops-bootstrap up` installs, and it is not there yet.",
        ("`up` did not run yet, or did not come to its end",),
        "Run `mlops-bootstrap up` first.",
        see="mlops-bootstrap status",
    ),
    "E-PLAN": Explanation(
        "The steps contradict each other: a name twice, an unknown one, or a ring.",
        ("a defect of mlops-bootstrap", "a course.yml that names one thing twice"),
        "Look for a name that is in course.yml twice; report it if there is none.",
    ),
    "E-PORT-OPTION": Explanation(
        "--port names a service without a port, or gives two services the same one.",
        ("a slip in the name of the service", "a number that another service has"),
        "Name a service that the message lists, each with a port of its own.",
    ),
    "E-STEP-UNSATISFIED": Explanation(
        "A step was carried out without an error, and yet the machine is not as wanted.",
        ("another program changed the same thing meanwhile", "a defect of mlops-bootstrap"),
        "Run `mlops-bootstrap up` again; report it with the journal if it stays.",
    ),
    "E-VARIABLE": Explanation(
        "A variable of the environment has a value that cannot be read.",
        ("a slip of the pen",),
        "Set the variable that the message names to what it says, or unset it.",
    ),
    "E-WRITE": Explanation(
        "A file could not be written.",
        ("the folder belongs to another user", "the file system is read-only"),
        "Check the rights of the folder, then run `mlops-bootstrap up` again.",
    ),
    "E-TOOL-PARTIAL": Explanation(
        "The command needs a part of mlops-bootstrap that is not installed here.",
        (
            "it runs in an image, which holds what looks at a machine and not what installs on one",
            "packages of the tool's own environment were removed",
        ),
        "In an image use `verify`, `cohort` or `explain`; elsewhere install the tool anew.",
    ),
}
