"""AWS on a laptop: moto's server plus what this work needs and moto lacks; knows nothing of insights."""
