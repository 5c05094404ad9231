"""What people see: the window and the `ims` command. Frozen snapshots in, requests out."""
