"""Do folders, database and index agree; and mending what is safe to mend."""
