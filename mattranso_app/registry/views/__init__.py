"""What officers see of the online database."""
