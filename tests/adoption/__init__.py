"""Projects of other people, made in a folder of the test's, and taken in by `crossdock init`."""
