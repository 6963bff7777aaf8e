//! The CSV file: its columns checked, its rows read into what the API is to be asked.
//! Which rows create and which change is `known`'s to say.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use domain::setting::Setting;
use serde_json::{Map, Value};

use crate::cell;
use crate::door::Door;
use crate::nearest::nearest;
use crate::output::Failure;
use crate::references::References;

/// Stands for standard input.
const STANDARD_INPUT: &str = "-";
/// Rows of a file: beyond it one file no longer fits comfortably into memory.
const ROWS_MAX: usize = 1_000_000;
/// Columns of an export or a list that say nothing a user could be set to.
const PASSED_OVER: &[&str] = &["serial", "version", "created_at", "updated_at", "deleted_at"];

/// The file as text, every column known.
#[derive(Debug)]
pub(super) struct Sheet {
    columns: Vec<Column>,
    records: Vec<(u64, csv::StringRecord)>,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Id,
    /// First and last name in one.
    Name,
    Setting(Setting),
    PassedOver,
}

/// One row as it was meant.
#[derive(Debug)]
pub(super) struct Row {
    /// Where it stands in the file; the first is 1.
    pub(super) line: u64,
    pub(super) id: Option<String>,
    pub(super) fields: Map<String, Value>,
}

impl Row {
    pub(super) fn text(&self, setting: Setting) -> Option<&str> {
        self.fields.get(setting.name()).and_then(Value::as_str)
    }
}

impl Sheet {
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let unreadable = |error: csv::Error| {
            Failure::because(&format!("read {}", path.display()), &error)
                .hint("the file must be CSV in UTF-8, every row with as many cells as the first")
        };
        let mut reader = csv::Reader::from_reader(source(path)?);
        let columns = columns(reader.headers().map_err(unreadable)?)?;
        let mut records = Vec::new();
        for record in reader.records() {
            let record = record.map_err(unreadable)?;
            let line = record.position().map_or(0, csv::Position::line);
            if records.len() == ROWS_MAX {
                return Err(Failure::usage(format!(
                    "{} has more than {ROWS_MAX} rows",
                    path.display()
                ))
                .hint("split the file"));
            }
            records.push((line, record));
        }
        Ok(Self { columns, records })
    }

    /// The rows, names of groups and the like resolved to ids.
    pub(super) async fn rows(&self, door: &Door, clear_empty: bool) -> Result<Vec<Row>, Failure> {
        let settings = self.columns.iter().filter_map(|column| column.setting());
        let references = References::read(door, settings).await?;
        let row = |(line, record): &(u64, csv::StringRecord)| {
            self.row(*line, record, &references, clear_empty)
        };
        Ok(self.records.iter().map(row).collect())
    }

    fn row(
        &self,
        line: u64,
        record: &csv::StringRecord,
        references: &References,
        clear_empty: bool,
    ) -> Row {
        let mut row = Row { line, id: None, fields: Map::new() };
        for (column, text) in self.columns.iter().zip(record) {
            let is_empty = text.trim().is_empty();
            match column {
                Column::Id if !is_empty => row.id = Some(text.trim().to_owned()),
                Column::Name if !is_empty => {
                    row.fields.insert("name".to_owned(), text.trim().into());
                }
                Column::Setting(setting) if !is_empty || (clear_empty && !setting.is_secret()) => {
                    let value = cell::read(*setting, text, references);
                    row.fields.insert(setting.name().to_owned(), value);
                }
                Column::Id | Column::Name | Column::Setting(_) | Column::PassedOver => {}
            }
        }
        row
    }
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

impl Column {
    const fn setting(self) -> Option<Setting> {
        match self {
            Self::Setting(setting) => Some(setting),
            Self::Id | Self::Name | Self::PassedOver => None,
        }
    }

    fn parse(heading: &str) -> Option<Self> {
        match heading {
            "id" => Some(Self::Id),
            "name" => Some(Self::Name),
            _ if PASSED_OVER.contains(&heading) => Some(Self::PassedOver),
            _ => Setting::parse(heading).map(Self::Setting),
        }
    }
}

fn columns(headings: &csv::StringRecord) -> Result<Vec<Column>, Failure> {
    let mut columns = Vec::with_capacity(headings.len());
    for heading in headings {
        // Spreadsheets put a byte-order mark before the first heading.
        let heading = heading.trim_start_matches('\u{feff}').trim().to_ascii_lowercase();
        let column = Column::parse(&heading).ok_or_else(|| unknown(&heading))?;
        if column != Column::PassedOver && columns.contains(&column) {
            return Err(Failure::usage(format!("line 1: the column {heading} is there twice")));
        }
        columns.push(column);
    }
    Ok(columns)
}

fn unknown(heading: &str) -> Failure {
    let failure = Failure::usage(format!("line 1: users have no column {heading:?}"));
    let names = Setting::ALL.iter().map(|setting| setting.name()).chain(["name", "id"]);
    match nearest(heading, names) {
        Some(nearest) => failure.hint(format!("did you mean {nearest}?")),
        None => failure.hint("a column is `name`, `id` or a setting; `rollcall export` writes all"),
    }
}
