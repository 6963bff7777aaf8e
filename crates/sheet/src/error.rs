//! Why a file is no sheet of users.

/// Nothing of the file was used.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// Not CSV, not UTF-8, or rows of different lengths.
    #[error(transparent)]
    Csv(#[from] csv::Error),
    /// More rows than whoever reads it takes.
    #[error("the file has more than {max} rows")]
    TooManyRows { max: usize },
    #[error("line 1: users have no column {heading:?}")]
    UnknownColumn {
        heading: String,
        /// The column that was probably meant.
        nearest: Option<&'static str>,
    },
    #[error("line 1: the column {heading} is there twice")]
    RepeatedColumn { heading: String },
}
