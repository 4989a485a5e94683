"""From a login to a user actor; which users there are."""
