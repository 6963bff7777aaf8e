//! Prints how fast the store commits, loads and verifies, beside raw SQLite writing the same rows in the same run.
//! It deliberately judges nothing: the figures are the machine's.
//!
//! `cargo run --release -p store --example rates -- [DIRECTORY]`

use std::{
    error::Error,
    io::{self, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use store::{AccountRow, Commit, NewChange, Put, Store, UserRow};
use uuid::Uuid;

const USERS: u32 = 100_000;
const UNITS: u32 = 60_000;
const ALONE: u32 = 6_000;
const BATCH: u32 = 64;
const BODY_BYTES: usize = 700;

const RAW_TABLES: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
     CREATE TABLE person (serial INTEGER PRIMARY KEY, id BLOB UNIQUE, version INTEGER, body TEXT);
     CREATE TABLE log (sequence INTEGER PRIMARY KEY, account BLOB, subject BLOB, version INTEGER, at INTEGER,
     caller TEXT, dialect TEXT, address TEXT, diff TEXT, body TEXT, previous BLOB, hash BLOB);
     CREATE UNIQUE INDEX log_subject ON log (subject, version);
     CREATE INDEX log_account ON log (account, sequence);";

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let place = std::env::args().nth(1).map_or_else(std::env::temp_dir, Into::into);
    let directory = tempfile::tempdir_in(place)?;
    let store = Store::open(&directory.path().join(store::DATABASE_FILE))?;
    fill(&store).await?;
    let alone = commits(&store, ALONE, 1, 1).await?;
    let batches = commits(&store, UNITS, BATCH, 2).await?;
    let crowd = crowd(&store, UNITS).await?;
    let raw = raw_filled(&directory.path().join("raw.db"))?;
    let raw_alone = raw_commits(&raw, ALONE, 1, 1)?;
    let raw_batches = raw_commits(&raw, UNITS, BATCH, 2)?;
    say(&format!("one at a time      {alone:8.0}/s   raw SQLite {raw_alone:8.0}/s"))?;
    say(&format!("batches of 64      {batches:8.0}/s   raw SQLite {raw_batches:8.0}/s"))?;
    say(&format!("64 callers, 1 each {crowd:8.0}/s"))?;
    let began = Instant::now();
    let loaded = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&loaded);
    store.load(move |_| _ = counter.fetch_add(1, Ordering::Relaxed)).await?;
    let (rows, elapsed) = (loaded.load(Ordering::Relaxed), began.elapsed());
    say(&format!("load               {rows} rows in {elapsed:?}"))?;
    let began = Instant::now();
    let verdict = store.verify(None, |_| {}).await?;
    say(&format!("verify             {verdict:?} in {:?}", began.elapsed()))?;
    say(&format!("{:?}", store.statistics().await?))?;
    store.close().await;
    Ok(())
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}

fn account_id() -> Uuid {
    Uuid::from_u128(1 << 100)
}

fn user(number: u32, version: u32) -> Commit {
    let body = format!("{version:0BODY_BYTES$}");
    let row = UserRow {
        id: Uuid::from_u128((u128::from(number) << 64) + 1),
        account_id: account_id(),
        serial: number + 1,
        version,
        login: Some(format!("user{number}")),
        extension: Some(number.to_string()),
        email: Some(format!("user{number}@example.com")),
        deleted: false,
        body,
    };
    unit(Put::User(row))
}

fn unit(put: Put) -> Commit {
    let change = NewChange {
        at: 1_760_000_000_000_000,
        caller: r#"{"credential":"0199","name":"crm"}"#.to_owned(),
        dialect: "native".into(),
        address: Some("192.0.2.7".to_owned()),
        diff: r#"{"presence":{"before":"online","after":"break"}}"#.to_owned(),
    };
    let expected_version = put.version().checked_sub(1).filter(|version| *version > 0);
    Commit { expected_version, put, change, idempotency: None }
}

/// Users in an order without locality, each once before any comes again.
fn scattered(step: u32) -> u32 {
    (u64::from(step) * 7919 % u64::from(USERS)).try_into().unwrap_or(0)
}

async fn fill(store: &Store) -> Outcome<()> {
    let body = "{}".to_owned();
    let account = AccountRow { id: account_id(), serial: 1, version: 1, body };
    store.commit(vec![unit(Put::Account(account))]).await?;
    for first in (0..USERS).step_by(1000) {
        store.commit((first..first + 1000).map(|number| user(number, 1)).collect()).await?;
    }
    Ok(())
}

async fn commits(store: &Store, units: u32, batch: u32, round: u32) -> Outcome<f64> {
    let began = Instant::now();
    for first in (0..units).step_by(batch as usize) {
        let units = (first..first + batch).map(|step| user(scattered(step), version(step, round)));
        store.commit(units.collect()).await?;
    }
    Ok(f64::from(units) / began.elapsed().as_secs_f64())
}

/// Rounds before have brought the users of the first steps further than the others.
fn version(step: u32, round: u32) -> u32 {
    match round {
        1 => 2,
        _ if step < ALONE => round + 1,
        _ => round,
    }
}

async fn crowd(store: &Store, units: u32) -> Outcome<f64> {
    let began = Instant::now();
    let mut tasks = Vec::new();
    for lane in 0..BATCH {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            for step in (lane..units).step_by(BATCH as usize) {
                store.commit(vec![user(scattered(step), version(step, 3))]).await?;
            }
            Ok::<(), store::CommitError>(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(f64::from(units) / began.elapsed().as_secs_f64())
}

fn raw_filled(path: &Path) -> Outcome<rusqlite::Connection> {
    let raw = rusqlite::Connection::open(path)?;
    raw.execute_batch(RAW_TABLES)?;
    raw.execute_batch("BEGIN")?;
    for number in 0..USERS {
        let Put::User(row) = user(number, 1).put else { continue };
        raw.prepare_cached(
            "INSERT INTO person (serial, id, version, body) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((row.serial, row.id.as_bytes(), row.version, &row.body))?;
    }
    raw.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(raw)
}

fn raw_commits(raw: &rusqlite::Connection, units: u32, batch: u32, round: u32) -> Outcome<f64> {
    let began = Instant::now();
    for first in (0..units).step_by(batch as usize) {
        raw.execute_batch("BEGIN IMMEDIATE")?;
        for step in first..first + batch {
            raw_commit(raw, &user(scattered(step), version(step, round)))?;
        }
        raw.execute_batch("COMMIT")?;
    }
    Ok(f64::from(units) / began.elapsed().as_secs_f64())
}

fn raw_commit(raw: &rusqlite::Connection, unit: &Commit) -> Outcome<()> {
    let Put::User(row) = &unit.put else { return Ok(()) };
    raw.prepare_cached("UPDATE person SET version = ?2, body = ?3 WHERE serial = ?1")?
        .execute((row.serial, row.version, &row.body))?;
    let change = &unit.change;
    raw.prepare_cached(
        "INSERT INTO log (account, subject, version, at, caller, dialect, address, diff, body, previous, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute((
        row.account_id.as_bytes(),
        row.id.as_bytes(),
        row.version,
        change.at,
        &change.caller,
        &change.dialect,
        &change.address,
        &change.diff,
        &row.body,
        [0_u8; 32],
        [1_u8; 32],
    ))?;
    Ok(())
}
