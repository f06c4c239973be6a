"""Scripts that run in the course environment: they import nothing of ours."""
