"""The `borgerpuls` command. Runs on an operator's machine; never packaged."""
