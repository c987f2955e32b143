"""What an operator takes over and changes: ``belgenet settings init FOLDER`` writes these files out of the installed package."""
