"""What actors ask of the outside: jobs for services, and their answers."""
