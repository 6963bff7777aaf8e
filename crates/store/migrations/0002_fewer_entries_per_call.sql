-- From a record to its users leads its own list; only the way from a user to his records needs an index.
DROP INDEX call_record_user_record;
