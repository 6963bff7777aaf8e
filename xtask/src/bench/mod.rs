//! Measurements of a release build, each beside a yardstick run in the same call.
//! Not tests: nothing fails for being slow, the ratios are for a person to read.

mod folder;
pub(crate) mod http;
mod kamailio;
mod phones;
mod process;
pub(crate) mod sip;
mod table;
mod users;
mod wrk;

use std::fs;

use crate::command;
use crate::failure::Failure;
use crate::terminal::say;

/// Prints the figures, and keeps them for a script.
fn report(bench: &str, figures: &[table::Figure]) -> Result<(), Failure> {
    let folder = command::root().join("bench/out");
    let file = folder.join(format!("{bench}.json"));
    let could_not = || Failure::could_not(format!("write {}", file.display()));
    fs::create_dir_all(&folder).map_err(could_not())?;
    fs::write(&file, format!("{:#}\n", table::json(figures))).map_err(could_not())?;
    say(&format!("\n{}\nalso in bench/out/{bench}.json", table::table(figures)));
    Ok(())
}
