"""What is deployed: the package, host.json, and whether both stand up in an environment of their own."""
