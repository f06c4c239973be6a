"""A class at a glance: the reports of many machines read and counted."""
