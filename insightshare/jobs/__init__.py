"""The three jobs as flows over ports: land a source, train a model, score an insight. Knows no AWS calls."""
