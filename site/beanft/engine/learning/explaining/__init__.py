"""What a trained model does, in the columns as they came; it is only ever asked for predictions."""
