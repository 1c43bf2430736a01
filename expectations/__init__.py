"""The reviewed Great Expectations suites, one JSON file a gate and table."""
