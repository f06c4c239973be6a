from pathlib import Path

import pytest

COURSE = """\
version: 1
name: sample
title: A sample course
requirements:
  os: {ubuntu: ">=22.04", debian: ">=12"}
  arch: [x86_64, aarch64]
  glibc: ">=2.28"
  disk: 10 GiB
  memory: 1.5 GiB
packages: [ca-certificates, git]
environment:
  conda:
    lock: conda-lock.yml
  wheels:
    lock: requirements.txt
repository:
  url: https://example.org/course.git
  commit: 86e42886b59477481fc3e37eb40fb7409d886e1d
  destination: ~/course
binaries:
  - name: docker-compose
    version: 2.40.3
    url: https://example.org/v{version}/docker-compose-{arch}
    sha256:
      x86_64: dba9d98e1ba5bfe11d88c99b9bd32fc4a0624a30fafe68eea34d61a3e42fd372
      aarch64: d26373b19e89160546d15407516cc59f453030d9bc5b43ba7faf16f7b4980137
    destination: [bin, docker-plugin]
images:
  postgres: postgres:17@sha256:18cfe3ef5e6815560c98237d6216d1e5119702fb0f3894c8785dd58b8bbe5d73
services:
  postgres: {deadline: 90}
  mlflow:
    port: 5000
    health: /health
  prefect:
    port: 4200
"""


@pytest.fixture
def course_file(tmp_path: Path) -> Path:
    """Give a course that is right, with (empty) locks beside it."""
    (tmp_path / "conda-lock.yml").touch()
    (tmp_path / "requirements.txt").touch()
    file = tmp_path / "course.yml"
    file.write_text(COURSE)
    return file
