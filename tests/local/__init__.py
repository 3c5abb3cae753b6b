"""This machine in place of the cloud: Azurite, Lightning Bolt, Graph, the Functions host, and a demonstration."""
