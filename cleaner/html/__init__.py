"""HTML pages: the only package that knows lxml, trafilatura and resiliparse."""
