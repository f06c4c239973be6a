"""Services as plain processes of this user, below a supervisor: no Docker, no root."""
