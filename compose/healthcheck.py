"""Exit 0 when the service in this container answers: `python -IS healthcheck.py PORT PATH`.

The path is one that reads the database. The standard library only, and as little of it as
possible: this starts anew every few seconds.
"""

import socket
import sys

TIMEOUT_S = 4


def status(port: int, path: str) -> int:
    """The HTTP status of a GET, asked as a browser on this machine would ask (the Host counts)."""
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as connection:
        request = f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n"
        connection.sendall(request.encode("ascii"))
        with connection.makefile("rb") as answer:
            return int(answer.readline().split()[1])


if __name__ == "__main__":
    found = status(int(sys.argv[1]), sys.argv[2])
    if found != 200:  # noqa: PLR2004 - HTTP's OK; http.HTTPStatus would cost an import of 10 ms
        sys.exit(f"{sys.argv[2]} answered {found}")
