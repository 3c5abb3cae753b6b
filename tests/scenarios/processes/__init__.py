"""Scenarios with every piece a process of its own: Azurite, Lightning Bolt, Graph, one host or two.

Nothing here sleeps something out: all waiting is looking, with a deadline. The oracle is the demonstration's checker.
"""
