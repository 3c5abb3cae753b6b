"""Tables and queues behind the ports of `sync`."""
