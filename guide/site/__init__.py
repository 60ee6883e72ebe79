"""Building the site, reading what was built, and what is added to it besides the pages."""
