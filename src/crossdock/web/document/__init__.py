"""What makes the OpenAPI document of the routes more than a list of shapes."""
