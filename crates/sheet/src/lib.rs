//! Users as rows of a table: CSV files and `key=value` words, read into settings and written back.
//! The command line and the console share it. Whether a value can be taken, and who may set it, is
//! the directory's business.

pub mod cell;
mod destination;
mod error;
mod file;
mod known;
mod names;
mod nearest;
mod patch;

pub use error::SheetError;
pub use file::{Row, Sheet};
pub use known::{Known, Target, Work};
pub use names::{Kind, Names};
pub use nearest::nearest;
