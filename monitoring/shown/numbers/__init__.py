"""The card that tells where one number comes from."""
