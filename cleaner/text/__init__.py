"""Plain text: repair it, fold it into shadows, find its lines and sentences."""
