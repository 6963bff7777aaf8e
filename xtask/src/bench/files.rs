//! Where a bench works and where its figures are kept.

use std::fs;
use std::path::{Path, PathBuf};

use super::table::{self, Figure};
use crate::command;
use crate::failure::Failure;
use crate::terminal::say;

/// The files of one bench, on the disk of the repository: a memory file system would flatter us.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn fresh(name: &str) -> Result<Self, Failure> {
        let folder = command::root().join("target").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)
                .map_err(Failure::could_not(format!("empty {}", folder.display())))?;
        }
        fs::create_dir_all(&folder)
            .map_err(Failure::could_not(format!("create {}", folder.display())))?;
        Ok(Self(folder))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

/// Prints the figures, and writes them where a script finds them.
pub(super) fn report(figures: &[Figure], name: &str) -> Result<(), Failure> {
    let folder = command::root().join("bench/out");
    let file = folder.join(format!("{name}.json"));
    let could_not = || Failure::could_not(format!("write {}", file.display()));
    fs::create_dir_all(&folder).map_err(could_not())?;
    fs::write(&file, format!("{:#}\n", table::json(figures))).map_err(could_not())?;
    say(&format!("\n{}\nalso in bench/out/{name}.json", table::table(figures)));
    Ok(())
}
