"""Lending: sign-in, borrow, receipt, end. Pure flows over frozen state, and the records beside them."""
