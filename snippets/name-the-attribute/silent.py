from project.outcomes import run

# --8<-- [start:example]
run("test_silent.py")
# --8<-- [end:example]
