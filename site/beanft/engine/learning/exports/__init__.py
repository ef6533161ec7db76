"""Files made of a trained model, to be taken elsewhere: each is tried on stored rows before it is offered."""
