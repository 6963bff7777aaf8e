//! Copies of the whole store: taking one while it serves, checking it, putting one back.
//! It deliberately copies no single account: see export.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{db::Connection, error::StoreError, migrate, query::Progress};

/// The database's file in a data directory.
pub const DATABASE_FILE: &str = "rollcall.db";

/// Copies the store as it stands at one moment into a new file, which appears under its name when it is whole.
pub(crate) fn copy(
    connection: &Connection,
    to: &Path,
    progress: impl FnMut(Progress),
) -> Result<(), StoreError> {
    let partial = beside(to, ".partial");
    remove_if_there(&partial)?;
    let copied = connection.in_one_view(|connection| {
        // The first read fixes the moment; without it each step would see a later one and begin again.
        migrate::refuse_foreign(connection)?;
        keep_private(&partial)?;
        let mut target = Connection::writer(&partial)?;
        connection.copy_into(&mut target, progress)?;
        target.settle_copy()
    });
    let finished = copied.and_then(|()| publish(&partial, to));
    if finished.is_err() {
        remove_if_there(&partial)?;
    }
    finished
}

/// Copies a database file as it stands at one moment, whoever has it open, into a new file.
pub fn back_up(from: &Path, to: &Path, progress: impl FnMut(Progress)) -> Result<(), StoreError> {
    File::open(from).map_err(|error| file("read", from, error))?;
    let database = Connection::stranger(from)?;
    if !database.is_ours()? {
        return Err(StoreError::NotOurs { path: from.to_path_buf() });
    }
    copy(&database, to, progress)
}

/// Puts a backup in place of a database in a directory that has none, after making sure that it is whole and
/// ours. Returns the path to open.
pub fn restore(
    from: &Path,
    into_dir: &Path,
    progress: impl FnMut(Progress),
) -> Result<PathBuf, StoreError> {
    let to = into_dir.join(DATABASE_FILE);
    if to.exists() {
        let error = io::Error::from(io::ErrorKind::AlreadyExists);
        return Err(file("put a backup in place of", &to, error));
    }
    File::open(from).map_err(|error| file("read the backup", from, error))?;
    let damaged = |problem| StoreError::Damaged { path: from.to_path_buf(), problem };
    let backup = Connection::stranger(from).map_err(|error| damaged(told(&error)))?;
    if !backup.is_ours().map_err(|error| damaged(told(&error)))? {
        return Err(StoreError::NotOurs { path: from.to_path_buf() });
    }
    let found = problems(&backup).map_err(|error| damaged(told(&error)))?;
    if let Some(problem) = found.into_iter().next() {
        return Err(damaged(problem));
    }
    copy(&backup, &to, progress)?;
    Ok(to)
}

/// What is wrong with a database; nothing when all is well.
pub(crate) fn problems(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let mut problems = connection.damage()?;
    match migrate::missing(connection) {
        Ok(0) => {}
        Ok(missing) => problems.push(format!("{missing} migrations have not been applied")),
        Err(error) => problems.push(told(&error)),
    }
    Ok(problems)
}

/// Keeps other processes from opening the database, for as long as the file is held.
pub(crate) fn lock(path: &Path) -> Result<File, StoreError> {
    let lock_path = beside(path, ".lock");
    let lock = File::create(&lock_path).map_err(|error| file("create", &lock_path, error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.to_path_buf() }),
        Err(TryLockError::Error(error)) => Err(file("lock", &lock_path, error)),
    }
}

/// Makes sure that a database file exists which only its owner may read: it holds the digests of passwords.
pub(crate) fn keep_private(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    let opened = options.create(true).append(true).mode(0o600).open(path);
    opened.map(drop).map_err(|error| file("create", path, error))
}

/// Gives a finished copy its name, on disk before anybody is told.
fn publish(partial: &Path, to: &Path) -> Result<(), StoreError> {
    let synced = File::open(partial).and_then(|copied| copied.sync_all());
    synced.map_err(|error| file("sync", partial, error))?;
    fs::rename(partial, to).map_err(|error| file("name", to, error))?;
    let directory = to.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    let synced = File::open(directory).and_then(|opened| opened.sync_all());
    synced.map_err(|error| file("sync", directory, error))
}

fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(file("remove", path, error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

fn file(doing: &'static str, path: &Path, error: io::Error) -> StoreError {
    StoreError::File { doing, path: path.to_path_buf(), source: Arc::new(error) }
}

/// An error with its cause, where there is no log to keep the cause.
fn told(error: &StoreError) -> String {
    std::error::Error::source(error)
        .map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}
