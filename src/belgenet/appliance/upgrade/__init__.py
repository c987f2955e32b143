"""From one release to the next, and back: a list of steps, a journal on disk, and a rule for what happens when a step fails or the
server loses its power in the middle.

The code of the new release does it, straight out of its wheel and before anything of it is installed: only the standard library is
imported here, and of our own only what does the same.
"""
