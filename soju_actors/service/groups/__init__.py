"""The commands of the service, a module for each topic."""
