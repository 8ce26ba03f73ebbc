"""What the service is measured against: the same six endpoints on the same tables, with neither sign-in nor tenancy."""
