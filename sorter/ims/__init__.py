"""Where materials are and where they go: branches, chutes, crates, routes. Pure."""
