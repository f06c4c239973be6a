"""Pages that are one file each: nothing is fetched, and without JavaScript they can be read."""
