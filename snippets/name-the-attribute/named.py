from project.outcomes import run

# --8<-- [start:example]
print("Without conftest.py:")
run("test_named.py", "--noconftest")
print("With conftest.py:")
run("test_named.py")
# --8<-- [end:example]
