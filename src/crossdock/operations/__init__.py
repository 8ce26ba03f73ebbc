"""What an operator asks of the service: is it alive, is it ready, what is it doing."""
