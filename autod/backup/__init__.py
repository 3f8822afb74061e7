"""Archives of everything: taking one while work goes on, restoring it, proving that it can be restored."""

RESTORING = "restoring.json"
"""The note in the work folder that a restore is not finished."""
