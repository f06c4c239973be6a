"""Side-by-side measurements: this tool and its peers, on one machine, in one run."""
