"""The staff screens of a kiosk: a flow beside the borrower's, in the same state, and only from rest."""
