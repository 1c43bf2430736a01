"""What the Data Docs are dressed in: templates, style and words. No code."""
