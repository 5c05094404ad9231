"""The public inlet (pure): what its gate takes, a borrower's visit to it, and the small screen there."""
