//! Raw SQLite doing the store's work by hand: what `cargo xtask bench http` is measured against.
//! Not the store: no checks, no hash chain, no HTTP; only the rows one change of a user leaves.
//!
//! A crate of its own because the yardstick must be a release build, which xtask is not.

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use serde_json::{Value, json};

/// How many changes share a transaction in the grouped measurement: one per connection of the load.
const GROUP: u32 = 64;
/// Reads between two looks at the clock; a look at each would cost as much as the read.
const READS_PER_LOOK: u32 = 100;

const SCHEMA: &str = "
    CREATE TABLE users (
        id BLOB PRIMARY KEY, account BLOB NOT NULL, serial INTEGER NOT NULL UNIQUE,
        version INTEGER NOT NULL, login TEXT NOT NULL, extension TEXT, settings TEXT NOT NULL,
        UNIQUE (account, login), UNIQUE (account, extension));
    CREATE TABLE user_history (
        user BLOB NOT NULL, version INTEGER NOT NULL, settings TEXT NOT NULL,
        PRIMARY KEY (user, version)) WITHOUT ROWID;
    CREATE TABLE changes (
        sequence INTEGER PRIMARY KEY, account BLOB NOT NULL, user BLOB NOT NULL,
        version INTEGER NOT NULL, caller TEXT NOT NULL, at TEXT NOT NULL, diff TEXT NOT NULL,
        hash BLOB NOT NULL);";
const ADD_USER: &str =
    "INSERT INTO users (id, account, serial, version, login, extension, settings)
    VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6)";
const UPDATE_USER: &str =
    "UPDATE users SET settings = ?2, version = version + 1 WHERE id = ?1 RETURNING version";
const ADD_HISTORY: &str = "INSERT INTO user_history (user, version, settings) VALUES (?1, ?2, ?3)";
const ADD_CHANGE: &str = "INSERT INTO changes (account, user, version, caller, at, diff, hash)
    VALUES (?1, ?2, ?3, 'token', '2026-01-01T00:00:00Z', ?4, ?5)";
const READ_USER: &str = "SELECT version, settings FROM users WHERE id = ?1";

const ACCOUNT: [u8; 16] = [7; 16];

type Outcome<T> = Result<T, Box<dyn Error>>;

struct Options {
    users: u64,
    duration: Duration,
    folder: PathBuf,
}

fn main() -> Outcome<()> {
    let options = options()?;
    let mut database = open(&options.folder.join("yardstick.db"))?;
    fill(&mut database, options.users)?;
    let single = write(&mut database, &options, 1)?;
    let grouped = write(&mut database, &options, GROUP)?;
    let report = json!({
        "users": options.users,
        "single": single,
        "grouped": grouped,
        "reads": { "per_second": reads_per_second(&database, &options)? },
    });
    writeln!(io::stdout(), "{report}")?;
    Ok(())
}

fn options() -> Outcome<Options> {
    let mut words = std::env::args().skip(1);
    let mut next = || words.next().ok_or("usage: yardstick USERS SECONDS DIR");
    Ok(Options {
        users: next()?.parse()?,
        duration: Duration::from_secs(next()?.parse()?),
        folder: next()?.into(),
    })
}

/// The settings the store uses: durable on return from commit, readers not blocked.
fn open(path: &Path) -> Outcome<Connection> {
    let database = Connection::open(path)?;
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "FULL")?;
    database.execute_batch(SCHEMA)?;
    Ok(database)
}

fn fill(database: &mut Connection, users: u64) -> Outcome<()> {
    let transaction = database.transaction()?;
    {
        let mut add = transaction.prepare(ADD_USER)?;
        for number in 0..users {
            let login = format!("agent{number}@example.com");
            let row = params![
                id(number),
                ACCOUNT,
                number.cast_signed(),
                login,
                number.to_string(),
                settings(number, 0)
            ];
            add.execute(row)?;
        }
    }
    transaction.commit()?;
    Ok(())
}

/// Time-ordered like the real ids (UUID version 7), with a tail that is not.
fn id(number: u64) -> [u8; 16] {
    ((u128::from(number) << 64) | u128::from(scatter(number))).to_be_bytes()
}

/// The finaliser of splitmix64: spreads consecutive numbers over all of `u64`.
fn scatter(number: u64) -> u64 {
    let mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// About as long as a real user's settings column.
fn settings(number: u64, turn: u64) -> String {
    json!({
        "first_name": "Asha", "last_name": format!("Agent {number}"), "title": format!("Agent {turn}"),
        "email": format!("agent{number}@example.com"), "phone": format!("+9198{number:08}"),
        "language": "en", "time_zone": "Asia/Kolkata", "active": true, "calls_blocked": false,
        "two_factor": "inherit", "ip_allow_list": { "enforced": false, "networks": ["192.0.2.0/24"] },
        "session_minutes_max": 0, "sessions_max": 0, "webrtc": true, "devices_max": 5, "calls_max": 2,
        "caller_ids": ["0190a1b2-0000-7000-8000-000000000001"], "international": false,
        "login_required": false, "presence": "online", "clocked_in": true, "groups": [],
        "skill_groups": "all", "desks": "all", "call_scope": "own", "missed_call_sms": false,
    })
    .to_string()
}

/// Measures transactions of `group` changes, each from its beginning to durable on disk.
fn write(database: &mut Connection, options: &Options, group: u32) -> Outcome<Value> {
    let start = Instant::now();
    let mut transactions = Vec::new();
    let mut changes: u32 = 0;
    while start.elapsed() < options.duration {
        let begun = Instant::now();
        let transaction = database.transaction()?;
        {
            let mut update = transaction.prepare_cached(UPDATE_USER)?;
            let mut history = transaction.prepare_cached(ADD_HISTORY)?;
            let mut change = transaction.prepare_cached(ADD_CHANGE)?;
            for _ in 0..group {
                changes += 1;
                let turn = u64::from(changes);
                let number = scatter(turn) % options.users;
                let (user, after) = (id(number), settings(number, turn));
                let version: i64 = update.query_row(params![user, after], |row| row.get(0))?;
                history.execute(params![user, version, after])?;
                let diff = json!({ "title": format!("Agent {turn}") }).to_string();
                change.execute(params![ACCOUNT, user, version, diff, [0_u8; 32]])?;
            }
        }
        transaction.commit()?;
        transactions.push(begun.elapsed());
    }
    let seconds = start.elapsed().as_secs_f64();
    transactions.sort_unstable();
    let percentile_ms = |percent: usize| {
        let time = transactions.get(transactions.len() * percent / 100);
        time.map(|time| time.as_secs_f64() * 1000.0)
    };
    Ok(json!({
        "per_second": f64::from(changes) / seconds,
        "p50_ms": percentile_ms(50),
        "p99_ms": percentile_ms(99),
    }))
}

fn reads_per_second(database: &Connection, options: &Options) -> Outcome<f64> {
    let mut read = database.prepare(READ_USER)?;
    let start = Instant::now();
    let mut reads: u32 = 0;
    while start.elapsed() < options.duration {
        for _ in 0..READS_PER_LOOK {
            reads += 1;
            let user = id(scatter(u64::from(reads)) % options.users);
            let _: (i64, String) = read.query_row([user], |row| Ok((row.get(0)?, row.get(1)?)))?;
        }
    }
    Ok(f64::from(reads) / start.elapsed().as_secs_f64())
}
