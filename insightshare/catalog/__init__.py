"""What the store can tell a reader about its insights: descriptions from table metadata, and SQL to fetch them."""
