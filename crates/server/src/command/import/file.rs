//! The file to be imported, and the users there are: opened and asked for; read by `sheet`.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde_json::Value;
use sheet::{Known, Sheet, SheetError};

use crate::door::{Ask, Door};
use crate::output::Failure;

/// Stands for standard input.
const STANDARD_INPUT: &str = "-";
/// Rows of a file: beyond it one file no longer fits comfortably into memory.
const ROWS_MAX: usize = 1_000_000;

/// The file as text, every column known.
pub(super) fn open(path: &Path) -> Result<Sheet, Failure> {
    Sheet::read(source(path)?, ROWS_MAX).map_err(|error| failure(path, &error))
}

/// The users there are.
pub(super) async fn known(door: &Door) -> Result<Known, Failure> {
    let mut known = Known::default();
    door.each_row(Ask::get("/users"), |user| {
        let text = |key: &str| user.get(key).and_then(Value::as_str);
        let id = text("id").unwrap_or_default().to_owned();
        known.add(id, text("login"), text("extension").map(str::to_owned));
        Ok(())
    })
    .await?;
    Ok(known)
}

fn source(path: &Path) -> Result<Box<dyn Read>, Failure> {
    if path == Path::new(STANDARD_INPUT) {
        return Ok(Box::new(io::stdin()));
    }
    let opened = File::open(path);
    let opened =
        opened.map_err(|error| Failure::because(&format!("read {}", path.display()), &error))?;
    Ok(Box::new(opened))
}

fn failure(path: &Path, error: &SheetError) -> Failure {
    match error {
        SheetError::Csv(error) => Failure::because(&format!("read {}", path.display()), error)
            .hint("the file must be CSV in UTF-8, every row with as many cells as the first"),
        SheetError::TooManyRows { max } => {
            Failure::usage(format!("{} has more than {max} rows", path.display()))
                .hint("split the file")
        }
        SheetError::UnknownColumn { nearest: Some(nearest), .. } => {
            Failure::usage(error.to_string()).hint(format!("did you mean {nearest}?"))
        }
        SheetError::UnknownColumn { nearest: None, .. } => Failure::usage(error.to_string())
            .hint("a column is `name`, `id` or a setting; `rollcall export` writes all"),
        SheetError::RepeatedColumn { .. } => Failure::usage(error.to_string()),
    }
}
