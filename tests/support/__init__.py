"""What tests share: nothing in here is a test."""
