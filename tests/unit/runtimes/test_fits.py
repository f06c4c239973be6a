from pathlib import Path

import pytest

from bootstrap.core.errors import UsageError
from bootstrap.course.load import load_course
from bootstrap.course.locate import shipped_courses
from bootstrap.runtimes.docker.stack import check_fits

SHIPPED = shipped_courses()["mlops-zoomcamp"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  base: ", "  bass: ", "images: no image for the role `base`"),
        ("  worker:", "  walker:", "services.walker: there is none"),
        ("    port: 5000\n    health: /health\n", "", "services.mlflow: needs a port"),
        ("  - name: docker-compose", "  - name: docker-composer", "`docker-compose` is missing"),
    ],
)
def test_a_course_that_the_services_cannot_be_made_of_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    text = SHIPPED.read_text()
    assert old in text
    (tmp_path / "course.yml").write_text(text.replace(old, new))
    for lock in ("conda-lock.yml", "requirements.txt"):
        (tmp_path / lock).write_bytes((SHIPPED.parent / lock).read_bytes())
    with pytest.raises(UsageError) as caught:
        check_fits(load_course(tmp_path / "course.yml"))
    assert caught.value.code == "E-COURSE-STACK"
    assert said in caught.value.what


def test_the_shipped_course_fits() -> None:
    check_fits(load_course(SHIPPED))
