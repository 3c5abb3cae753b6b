"""What the engine needs from outside, as protocols. Storage's clock is the only clock that rules depend on."""
