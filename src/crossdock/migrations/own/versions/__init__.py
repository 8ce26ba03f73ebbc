"""The revisions of the library's own chain, as in `0001_words.py`. They run by `crossdock migrate up`."""
