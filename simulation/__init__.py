"""The product's own turn and the agent's own hold, over memory and a simulated clock.

From one seed the same things happen in the same order. Knows no database, no broker, no process
and no Django; what needs these is replaced here, everything else is the real code.
"""
