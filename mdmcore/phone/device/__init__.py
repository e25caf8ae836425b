"""What the CSPs of the simulated device do beyond keeping values, one module each."""
