"""What first publish is measured against; each a program of its own that prints its seconds."""
