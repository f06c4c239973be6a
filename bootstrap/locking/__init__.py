"""Making the locks of a course out of its specifications, and holding them against those."""
