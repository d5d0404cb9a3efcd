"""The ports of each domain package without AWS, and the worlds that tests build of them."""
