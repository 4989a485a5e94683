"""What the actors tell each other, one module for each receiver."""
