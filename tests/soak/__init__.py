"""Hours of Fastwatch in minutes: everything fails at random, and in the end every alert was posted once."""
