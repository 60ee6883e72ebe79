from project.outcomes import run

# --8<-- [start:example]
run("test_limits.py")
# --8<-- [end:example]
