"""Templates of what runs in AWS, and the tools that build, check and deploy them. Never packaged."""
