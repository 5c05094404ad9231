"""Cards over nfcpy: PN532 on a serial line, USB readers of the PN53x family and others that nfcpy knows."""
