"""Acts on mixed-up identities: holding, withholding, and putting right."""
