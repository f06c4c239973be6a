"""Courses with one thing wrong each: what is changed, and what a person must be told."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Broken:
    """old is replaced by new in the sample course; the error names the line of mark, key, saying.

    in_schema says that a JSON schema can see it too: what spans several keys it cannot.
    """

    id: str
    old: str
    new: str
    key: str
    saying: str
    mark: str = ""
    in_schema: bool = True
    code: str = "E-COURSE-INVALID"

    def __post_init__(self) -> None:
        if not self.mark:
            object.__setattr__(self, "mark", self.new.lstrip("\n").splitlines()[0])

    def text(self, course: str) -> str:
        assert self.old in course
        return course.replace(self.old, self.new, 1)


_COMMIT = "commit: 86e42886b59477481fc3e37eb40fb7409d886e1d"
_X86 = "x86_64: dba9d98e1ba5bfe11d88c99b9bd32fc4a0624a30fafe68eea34d61a3e42fd372\n"
_URL = "url: https://example.org/course.git"
_BINARY_URL = "url: https://example.org/v{version}/docker-compose-{arch}"
_IMAGE = "postgres:17@sha256:18cfe3ef5e6815560c98237d6216d1e5119702fb0f3894c8785dd58b8bbe5d73"
_DIGEST = _IMAGE.partition("@")[2]

BROKEN = [
    Broken("typo-top", "title:", "titel:", "titel", "did you mean 'title'"),
    Broken("typo-section", "services:", "service:", "service", "did you mean 'services'"),
    Broken("typo-deep", "  glibc:", "  glbc:", "requirements.glbc", "did you mean 'glibc'"),
    Broken("typo-item", "    version: 2.40.3", "    verion: 2.40.3", "binaries[0].verion",
           "'version'"),
    Broken("typo-service", "port: 4200", "prot: 4200", "services.prefect.prot", "'port'"),
    Broken("unknown-key", "port: 4200", "zzz: 1", "services.prefect.zzz",
           "valid here: port, health"),
    Broken("missing-top", "name: sample\n", "", "name", "is missing", "version: 1"),
    Broken("missing-deep", _COMMIT, "", "repository.commit", "is missing", "repository:"),
    Broken("twice", "title: A", "name: again\ntitle: A", "name", "first in line 2", "name: again",
           in_schema=False),
    Broken("name", "name: sample", "name: Sample Course", "name", "lower-case"),
    Broken("name-long", "name: sample", "name: " + "s" * 41, "name", "at most 40"),
    Broken("title-long", "title: A sample course", "title: " + "s" * 101, "title", "one line"),
    Broken("number-as-text", "version: 2.40.3", "version: 2.40", "binaries[0].version", "quotes"),
    Broken("null", "destination: ~/course", "destination: ~", "repository.destination", "no value"),
    Broken("mapping-as-text", "name: sample", "name: {a: 1}", "name", "must be text"),
    Broken("list-as-mapping", "packages: [ca-certificates, git]", "packages: git", "packages",
           "list"),
    Broken("text-as-mapping", "  mlflow:\n    port: 5000\n    health: /health", "  mlflow: 5000",
           "services.mlflow", "mapping", "mlflow: 5000"),
    Broken("empty-list", "arch: [x86_64, aarch64]", "arch: []", "requirements.arch", "empty"),
    Broken("arch", "arch: [x86_64, aarch64]", "arch: [x86_64, amd64]", "requirements.arch[1]",
           "'amd64' is not known here; valid here: x86_64, aarch64"),
    Broken("arch-twice", "arch: [x86_64, aarch64]", "arch: [x86_64, x86_64]",
           "requirements.arch[1]", "twice", in_schema=False),
    Broken("os", '{ubuntu: ">=22.04"', '{ubuntu: "jammy"', "requirements.os.ubuntu", ">=22.04",
           "ubuntu"),
    Broken("os-name", "{ubuntu:", "{Ubuntu 22:", "requirements.os.Ubuntu 22", "os-release",
           "Ubuntu"),
    Broken("glibc", 'glibc: ">=2.28"', "glibc: 2.28", "requirements.glibc", "quotes"),
    Broken("size-unit", "disk: 10 GiB", "disk: 10", "requirements.disk", "10 GiB"),
    Broken("size-word", "memory: 1.5 GiB", "memory: lots", "requirements.memory", "not a size"),
    Broken("package", "[ca-certificates, git]", "[ca-certificates, Git]", "packages[1]", "Debian",
           "packages:"),
    Broken("package-option", "[ca-certificates, git]", "[-y, git]", "packages[0]", "Debian",
           "packages:"),
    Broken("lock-above", "lock: conda-lock.yml", "lock: ../conda-lock.yml",
           "environment.conda.lock", "beside course.yml"),
    Broken("lock-absolute", "lock: conda-lock.yml", "lock: /conda-lock.yml",
           "environment.conda.lock", "beside course.yml"),
    Broken("url", _URL, "url: example.org/course", "repository.url", "address"),
    Broken("url-ext", _URL, "url: ext::sh -c id", "repository.url", "address"),
    Broken("url-option", _URL, "url: ssh://-oProxyCommand=id/x", "repository.url", "address"),
    Broken("url-dash", _URL, "url: -u@example.org:x", "repository.url", "address"),
    Broken("url-password", _URL, "url: https://me:pass@example.org/x.git", "repository.url",
           "password", in_schema=False),
    Broken("url-token", _URL, "url: https://ghp_token@example.org/x.git", "repository.url",
           "password", in_schema=False),
    Broken("branch", _COMMIT, "commit: main", "repository.commit", "`git rev-parse NAME`"),
    Broken("short", _COMMIT, "commit: 86e4288", "repository.commit", "40 hexadecimal"),
    Broken("upper", _COMMIT, _COMMIT.upper().replace("COMMIT", "commit"), "repository.commit",
           "lower"),
    Broken("destination-relative", "~/course", "course", "repository.destination", "~/NAME",
           "destination: course"),
    Broken("destination-home", "destination: ~/course", "destination: ~/", "repository.destination",
           "~/NAME"),
    Broken("destination-up", "~/course", "~/a/../../etc", "repository.destination", "without"),
    Broken("destination-root", "destination: ~/course", "destination: /", "repository.destination",
           "~/NAME"),
    Broken("binary-name", "name: docker-compose", "name: ../x", "binaries[0].name", "program"),
    Broken("plugin-name", "name: docker-compose", "name: compose", "binaries[0].name",
           "docker-NAME",
           in_schema=False),
    Broken("binary-url", _BINARY_URL, "url: file:///x", "binaries[0].url", "https://"),
    Broken("placeholder", _BINARY_URL, "url: https://x/{os}", "binaries[0].url", "'{os}'",
           in_schema=False),
    Broken("brace", _BINARY_URL, "url: https://x/{arch", "binaries[0].url", "'{arch'",
           in_schema=False),
    Broken("attribute", _BINARY_URL, "url: https://x/{arch.x}", "binaries[0].url",
           "stands for nothing",
           in_schema=False),
    Broken("one-address", _BINARY_URL, "url: https://x/{version}", "binaries[0].url", "two digests",
           in_schema=False),
    Broken("sha256", _X86, "x86_64: dba9\n", "binaries[0].sha256.x86_64", "64 hexadecimal"),
    Broken("sha256-arch", _X86, _X86.replace("x86_64", "amd64"), "binaries[0].sha256.amd64",
           "valid here"),
    Broken("sha256-gap", _X86, "", "binaries[0].sha256", "no digest for x86_64", "sha256:",
           in_schema=False),
    Broken("destination", "[bin, docker-plugin]", "[bin, docker-plugins]",
           "binaries[0].destination[1]", "did you mean 'docker-plugin'", "destination: [bin"),
    Broken("binary-twice", "images:", (
        "  - {name: docker-compose, version: '1', url: 'https://x/{arch}', destination: [bin],\n"
        "     sha256: {x86_64: " + "a" * 64 + ", aarch64: " + "b" * 64 + "}}\nimages:"),
        "binaries[1].name", "twice", "- {name: docker-compose", in_schema=False),
    Broken("image-tag", _IMAGE, "postgres:17", "images.postgres", "has no digest"),
    Broken("image-short", _IMAGE, "postgres:17@sha256:18cf", "images.postgres",
           "here: 4 characters"),
    Broken("image-word", _IMAGE, "UPPER@" + _DIGEST, "images.postgres", "not an image",
           in_schema=False),
    Broken("image-list", _IMAGE, "[a]", "images.postgres", "must be text", "postgres: [a]"),
    Broken("port-text", "port: 4200", 'port: "4200"', "services.prefect.port", "whole number"),
    Broken("port-bool", "port: 4200", "port: yes", "services.prefect.port", "whole number"),
    Broken("port-large", "port: 4200", "port: 65536", "services.prefect.port", "at most 65535"),
    Broken("port-zero", "port: 4200", "port: 0", "services.prefect.port", "at least 1"),
    Broken("port-twice", "port: 4200", "port: 0x1388", "services.prefect.port", "port of mlflow",
           in_schema=False),
    Broken("health-path", "health: /health", "health: health", "services.mlflow.health",
           "starts with"),
    Broken("health-alone", "{deadline: 90}", "{health: /x}", "services.postgres.health",
           "needs a port", in_schema=False),
    Broken("deadline", "{deadline: 90}", "{deadline: 0}", "services.postgres.deadline",
           "at least 1"),
]  # fmt: skip
