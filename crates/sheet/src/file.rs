//! The CSV file: its columns checked, its rows read into the settings they ask for.
//! Which rows create and which change is `known`'s to say.

use std::io::Read;

use domain::setting::Setting;
use serde_json::{Map, Value};

use crate::{Names, SheetError, cell, nearest};

/// Columns of an export or a list that say nothing a user could be set to.
const PASSED_OVER: &[&str] = &["serial", "version", "created_at", "updated_at", "deleted_at"];

/// The file as text, every column known.
#[derive(Debug)]
pub struct Sheet {
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
pub struct Row {
    /// Where it stands in the file; the first is 1.
    pub line: u64,
    pub id: Option<String>,
    pub fields: Map<String, Value>,
}

impl Row {
    /// A setting's value, where the row has a text for it.
    #[must_use]
    pub fn text(&self, setting: Setting) -> Option<&str> {
        self.fields.get(setting.name()).and_then(Value::as_str)
    }
}

impl Sheet {
    /// Reads a whole file of at most so many rows.
    ///
    /// # Errors
    ///
    /// The file is no CSV, too long, or has a column users do not have.
    pub fn read(source: impl Read, rows_max: usize) -> Result<Self, SheetError> {
        let mut reader = csv::Reader::from_reader(source);
        let columns = columns(reader.headers()?)?;
        let mut records = Vec::new();
        for record in reader.records() {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            if records.len() == rows_max {
                return Err(SheetError::TooManyRows { max: rows_max });
            }
            records.push((line, record));
        }
        Ok(Self { columns, records })
    }

    /// The settings that have a column.
    pub fn settings(&self) -> impl Iterator<Item = Setting> {
        self.columns.iter().filter_map(|column| column.setting())
    }

    /// The rows, names of groups and the like resolved to ids. An empty cell clears its setting, or
    /// else leaves it as it is.
    #[must_use]
    pub fn rows(&self, names: &Names, clear_empty: bool) -> Vec<Row> {
        let row =
            |(line, record): &(u64, csv::StringRecord)| self.row(*line, record, names, clear_empty);
        self.records.iter().map(row).collect()
    }

    fn row(&self, line: u64, record: &csv::StringRecord, names: &Names, clear_empty: bool) -> Row {
        let mut row = Row { line, id: None, fields: Map::new() };
        for (column, text) in self.columns.iter().zip(record) {
            let is_empty = text.trim().is_empty();
            match column {
                Column::Id if !is_empty => row.id = Some(text.trim().to_owned()),
                Column::Name if !is_empty => {
                    row.fields.insert("name".to_owned(), text.trim().into());
                }
                Column::Setting(setting) if !is_empty || (clear_empty && !setting.is_secret()) => {
                    let value = cell::read(*setting, text, names);
                    row.fields.insert(setting.name().to_owned(), value);
                }
                Column::Id | Column::Name | Column::Setting(_) | Column::PassedOver => {}
            }
        }
        row
    }
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

fn columns(headings: &csv::StringRecord) -> Result<Vec<Column>, SheetError> {
    let mut columns = Vec::with_capacity(headings.len());
    for heading in headings {
        // Spreadsheets put a byte-order mark before the first heading.
        let heading = heading.trim_start_matches('\u{feff}').trim().to_ascii_lowercase();
        let Some(column) = Column::parse(&heading) else {
            let names = Setting::ALL.iter().map(|setting| setting.name());
            let nearest = nearest(&heading, names.chain(["name", "id"]));
            return Err(SheetError::UnknownColumn { heading, nearest });
        };
        if column != Column::PassedOver && columns.contains(&column) {
            return Err(SheetError::RepeatedColumn { heading });
        }
        columns.push(column);
    }
    Ok(columns)
}
