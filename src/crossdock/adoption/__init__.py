"""Taking in a service that is there already: what is found in its project, and the configuration written from it."""
