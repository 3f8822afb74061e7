"""Files on disk that belong to documents: custody, folders, marks, and who still writes."""
