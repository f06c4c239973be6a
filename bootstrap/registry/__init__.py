"""The registry API (OCI distribution specification): where images are read from and pushed to."""
