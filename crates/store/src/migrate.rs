//! The schema: embedded migrations, applied in order, each once and for ever the same.
//! It deliberately has no way back: an older program refuses a newer database, a backup brings the old one.

use sha2::{Digest, Sha256};

use crate::{db::Connection, error::StoreError};

struct Migration {
    number: u32,
    name: &'static str,
    sql: &'static str,
}

/// In order. An applied one is never edited: databases hold its checksum.
const MIGRATIONS: &[Migration] = &[
    Migration { number: 1, name: "first", sql: include_str!("../migrations/0001_first.sql") },
    Migration {
        number: 2,
        name: "fewer entries per call",
        sql: include_str!("../migrations/0002_fewer_entries_per_call.sql"),
    },
    Migration {
        number: 3,
        name: "links of calls in batches",
        sql: include_str!("../migrations/0003_links_of_calls_in_batches.sql"),
    },
];

const CREATE_TABLE: &str = "CREATE TABLE IF NOT EXISTS migration \
     (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum BLOB NOT NULL)";

const SELECT_APPLIED: &str = "SELECT number, name, checksum FROM migration ORDER BY number";

const INSERT: &str = "INSERT INTO migration (number, name, checksum) VALUES (?1, ?2, ?3)";

/// Brings the schema up to date, or refuses a database that is not ours to touch.
pub(crate) fn apply(connection: &Connection) -> Result<(), StoreError> {
    connection.begin()?;
    let outcome = apply_missing(connection).and_then(|()| connection.commit());
    connection.roll_back();
    outcome
}

/// Whether the database has been brought up to exactly our schema by exactly our migrations.
pub(crate) fn refuse_foreign(connection: &Connection) -> Result<usize, StoreError> {
    let applied = connection.all(SELECT_APPLIED, &[], |row| {
        Ok(Applied { number: row.u32(0)?, name: row.text(1)?, checksum: row.hash(2)? })
    })?;
    for (index, row) in applied.iter().enumerate() {
        let known = MIGRATIONS.get(index).filter(|known| known.number == row.number);
        let Some(known) = known else {
            let name = row.name.clone();
            return Err(StoreError::UnknownMigration { number: row.number, name });
        };
        if row.checksum != checksum(known) || row.name != known.name {
            let name = known.name.to_owned();
            return Err(StoreError::AlteredMigration { number: row.number, name });
        }
    }
    Ok(applied.len())
}

/// How many of our migrations the database still lacks.
pub(crate) fn missing(connection: &Connection) -> Result<usize, StoreError> {
    Ok(MIGRATIONS.len().saturating_sub(refuse_foreign(connection)?))
}

struct Applied {
    number: u32,
    name: String,
    checksum: [u8; 32],
}

fn apply_missing(connection: &Connection) -> Result<(), StoreError> {
    connection.script(CREATE_TABLE)?;
    let applied = refuse_foreign(connection)?;
    for migration in MIGRATIONS.iter().skip(applied) {
        connection.script(migration.sql)?;
        let checksum = checksum(migration);
        let values = [migration.number.into(), migration.name.into(), (&checksum).into()];
        connection.execute(INSERT, &values)?;
        tracing::info!(number = migration.number, name = migration.name, "applied a migration");
    }
    Ok(())
}

fn checksum(migration: &Migration) -> [u8; 32] {
    Sha256::digest(migration.sql.as_bytes()).into()
}
