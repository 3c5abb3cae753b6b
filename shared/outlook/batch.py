"""Calendar writes as the items of a Graph batch."""
