"""What a kiosk decides: pure flows, and the station that runs them."""
