"""`python -m tests.packages`: the Debian packages that the tests need, for scripts/test."""

from tests.lab import apt_requirements, engine, fresh_host

BROWSER = ("chromium",)
SHELLS = ("dash", "fish", "zsh")

if __name__ == "__main__":
    named = {*apt_requirements(), *engine.apt_requirements(), *fresh_host.apt_requirements()}
    print(" ".join(sorted({*named, *BROWSER, *SHELLS, "git", "mount", "procps", "systemd"})))
