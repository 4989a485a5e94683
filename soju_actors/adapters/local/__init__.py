"""A cluster on this machine: its processes, its database, and the folder that remembers them."""
