"""Import and export of tables: what the sheets look like, how cells are read, checked, matched and written."""
