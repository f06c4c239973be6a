"""`python -m tests.packages`: the Debian packages that the tests need, for scripts/test."""

from tests.lab import apt_requirements, engine, fresh_host

BROWSER = ("chromium",)
LINTERS = ("shellcheck",)
SHELLS = ("dash", "fish", "zsh")
IMAGES = ("faketime", "skopeo")

if __name__ == "__main__":
    named = {*apt_requirements(), *engine.apt_requirements(), *fresh_host.apt_requirements()}
    more = {*BROWSER, *IMAGES, *LINTERS, *SHELLS, "git", "mount", "procps", "systemd"}
    print(" ".join(sorted(named | more)))
