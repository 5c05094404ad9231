"""A sorting belt behind a PLC that speaks Modbus RTU and keeps register map v1."""
