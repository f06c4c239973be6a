"""The proof of a lock: what it locks is installed anew, started and used."""
