"""Inputs and outputs: files, folders, streams and tables of documents, read and written record by record."""
