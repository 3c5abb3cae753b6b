"""What operators see and ask for."""
