"""A tenant's configuration: offices, desks, enquiry reasons, opening hours, survey policy, texts."""
