"""The model of a course: reading course.yml and the locks beside it, and its JSON schema."""
