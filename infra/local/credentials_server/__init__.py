"""A stand-in for the credentials provider of AWS IoT Core, which the local AWS lacks."""
