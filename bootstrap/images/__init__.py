"""Images without an engine: what registries hold, and what is made for them."""
