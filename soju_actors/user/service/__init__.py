"""BouncerServ: the bouncer's own commands."""
