"""Turn a checkout of a public benchmark into JSON Lines that `cleaner bench` reads.

Each importer knows how one benchmark lays its files out and what counts as gold there; it yields entries and remarks and
opens no page. `writing` opens the pages, writes records, and says what was left out and why. Nothing is downloaded.
"""
