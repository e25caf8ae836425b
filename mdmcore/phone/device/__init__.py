"""What the device is and does behind its management tree, CSP by CSP."""
