"""What is generated of the documentation site: pages and tables from the code, and links that lead to pages."""
