"""A course on this machine: wired together, asked about, summed up."""
