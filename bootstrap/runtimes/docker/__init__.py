"""Services as containers, by Compose."""
