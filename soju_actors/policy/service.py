"""Who the service is."""

SERVICE_NICK = "BouncerServ"
SERVICE_SOURCE = f"{SERVICE_NICK}!{SERVICE_NICK}@{SERVICE_NICK}"
SERVICE_REALNAME = "soju-actors bouncer service"
