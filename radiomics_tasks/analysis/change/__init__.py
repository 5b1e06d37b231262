"""How lesions change: each form of change, its noise, growth, and what stands for a whole patient."""
