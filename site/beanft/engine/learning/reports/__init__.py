"""What is known of one trained model, as plain values for JSON."""
