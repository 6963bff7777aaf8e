//! The state of the `insta` snapshot files: none pending, none left over.
//! Reviews nothing; a person accepts a snapshot with `cargo insta` or by hand, and commits it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;
use crate::failure::Failure;

/// Where sources and their snapshots are; `target` and hidden folders are not.
const FOLDERS: &[&str] = &["crates", "xtask", "bench"];

pub(crate) fn refuse_pending() -> Result<(), Failure> {
    let pending = files(|name| name.ends_with(".snap.new") || name.ends_with(".pending-snap"))?;
    refuse(&pending, "pending snapshot: accept it into its .snap file or remove it")
}

/// The list of snapshot files that the tests of one run compared against, written by `insta`.
pub(crate) struct References(PathBuf);

impl References {
    pub(crate) fn start() -> Result<Self, Failure> {
        let list = command::root().join("target/snapshot-references.txt");
        fs::write(&list, "").map_err(Failure::could_not(format!("write {}", list.display())))?;
        Ok(Self(list))
    }

    /// A mismatch fails the test and writes nothing; every snapshot used is noted.
    pub(crate) fn configure(&self, command: &mut Command) {
        command.env("INSTA_UPDATE", "no").env("INSTA_SNAPSHOT_REFERENCES_FILE", &self.0);
        command.env_remove("INSTA_FORCE_PASS");
    }

    /// Call only after every test of the workspace has passed.
    pub(crate) fn refuse_unreferenced(&self) -> Result<(), Failure> {
        let list = fs::read_to_string(&self.0)
            .map_err(Failure::could_not(format!("read {}", self.0.display())))?;
        let present = files(|name| name.split('.').next_back() == Some("snap"))?;
        refuse(&unreferenced(present, &list), "no test compares against this snapshot: remove it")
    }
}

fn unreferenced(present: Vec<PathBuf>, list: &str) -> Vec<PathBuf> {
    let used: BTreeSet<PathBuf> = list.lines().map(|line| plain(Path::new(line))).collect();
    present.into_iter().filter(|file| !used.contains(&plain(file))).collect()
}

/// `insta` writes paths such as `crates/api/tests/it/../snapshots/x.snap`.
fn plain(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn refuse(found: &[PathBuf], advice: &str) -> Result<(), Failure> {
    if found.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> =
        found.iter().map(|path| format!("\n  {}: {advice}", path.display())).collect();
    Err(Failure::new(format!("{} snapshot files are not in order{}", found.len(), lines.concat())))
}

fn files(wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, Failure> {
    let mut folders: Vec<PathBuf> =
        FOLDERS.iter().map(|folder| command::root().join(folder)).collect();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        let could_not = || Failure::could_not(format!("list {}", folder.display()));
        for entry in fs::read_dir(&folder).map_err(could_not())? {
            let path = entry.map_err(could_not())?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| wanted(&name.to_string_lossy())) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_no_test_used_is_left_over() {
        let present = vec![PathBuf::from("/x/a.snap"), PathBuf::from("/x/b.snap")];
        assert_eq!(unreferenced(present, "/x/a.snap\n"), [PathBuf::from("/x/b.snap")]);
    }

    #[test]
    fn a_left_over_snapshot_is_named_with_what_to_do() {
        let failure = refuse(&[PathBuf::from("/x/a.snap")], "remove it").unwrap_err();
        assert!(failure.to_string().contains("/x/a.snap: remove it"), "{failure}");
    }
}
