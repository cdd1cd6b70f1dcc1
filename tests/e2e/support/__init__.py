"""What the end-to-end tests share: a real Hearth, its REST API, mail servers, a database, a clock to wait by."""
