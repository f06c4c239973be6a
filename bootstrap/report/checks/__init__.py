"""What `verify` finds, shown: while it runs, at its end, and as files for other programs."""
