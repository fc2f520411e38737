"""Tags of the pages: icons, states, times, figures and the shell. They know no model."""
