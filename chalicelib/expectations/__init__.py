"""How many contacts a campaign, letters or a new service will bring, and how many they brought (BF-16 to BF-19)."""
