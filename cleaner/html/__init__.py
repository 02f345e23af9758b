"""HTML pages: the only package that knows lxml and trafilatura."""
