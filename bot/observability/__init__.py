"""What a person who runs Fastwatch watches it by: metrics, probes and signals of life."""
