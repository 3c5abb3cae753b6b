"""The Lightning Bolt side: what a published schedule says."""
