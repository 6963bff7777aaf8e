-- Up to which call record the way from users to their records leads; later ones are few and asked themselves.
CREATE TABLE call_record_linked (through INTEGER NOT NULL) STRICT;

INSERT INTO call_record_linked (through) SELECT COALESCE(MAX(serial), 0) FROM call_record;
