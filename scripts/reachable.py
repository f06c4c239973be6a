"""Exit 0 where the hosts of the shipped course can be reached, else name those that cannot."""

import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

HOSTS = ("conda.anaconda.org", "github.com", "registry-1.docker.io")
DEADLINE = 5.0
"""Seconds; a host that answers at all answers within one."""


def is_reachable(host: str) -> bool:
    """Whether a host answers over https, whatever it says."""
    try:
        urllib.request.urlopen(f"https://{host}/", timeout=DEADLINE).close()
    except urllib.error.HTTPError as error:
        error.close()  # it answered, whatever it said
    except OSError:
        return False
    return True


if __name__ == "__main__":
    with ThreadPoolExecutor() as pool:
        answers = pool.map(is_reachable, HOSTS)
        missing = [host for host, answer in zip(HOSTS, answers, strict=True) if not answer]
    print(", ".join(missing))
    sys.exit(bool(missing))
