"""Who made a document and whom it is for."""
