//! The files of one bench, on the disk of the repository: a memory file system would flatter us.

use std::fs;
use std::path::PathBuf;

use crate::command;
use crate::failure::Failure;

/// An empty folder below `target`.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn fresh(name: &str) -> Result<Self, Failure> {
        let folder = command::root().join("target").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)
                .map_err(Failure::could_not(format!("empty {}", folder.display())))?;
        }
        fs::create_dir_all(&folder)
            .map_err(Failure::could_not(format!("create {}", folder.display())))?;
        Ok(Self(folder))
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.clone()
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}
