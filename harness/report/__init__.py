"""What a person sees: rows, pictures, the page, the closing table."""
