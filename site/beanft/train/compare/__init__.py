"""Compare models: settings, scores, curves and paired differences side by side."""
