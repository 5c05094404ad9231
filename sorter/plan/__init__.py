"""The sort plan: rules in TOML become one pure decision for each item."""
