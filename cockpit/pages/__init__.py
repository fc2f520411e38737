"""The pages: one module an area. Views read through the gate and write by commands and verbs."""
