"""Models: features to a trained, evaluated, gated model, and a model to scores. Stores nothing itself."""
