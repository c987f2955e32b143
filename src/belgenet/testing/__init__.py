"""What the tests and the demo need at run time: managed servers, test payment provider, sample data.

Product code never imports this package (an import contract checks it).
"""
