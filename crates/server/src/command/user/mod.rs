//! `rollcall user …`: users of one account, one file a command.
//!
//! Every command is a request of the native API, to a running server or to a folder (`door`);
//! nothing here changes a user by itself.

mod add;
mod changed;
mod disable;
mod explain;
mod history;
mod list;
pub(super) mod named;
mod restore;
mod set;
mod settings;
mod show;

use clap::Subcommand;

pub(super) use changed::shown;
pub(super) use explain::{STEP_COLUMNS, step_cells};
pub(super) use named::{Named, text};

use crate::output::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// List users.
    List(list::List),
    /// Show a user and every setting.
    Show(show::Show),
    /// Create a user.
    Add(add::Add),
    /// Change settings of a user; those not named stay as they are.
    Set(set::Set),
    /// Make a user inactive: sign-ins, registrations and calls end at once.
    Disable(disable::Disable),
    /// Show who changed what about a user, and when.
    History(history::History),
    /// Make a user what he was at an earlier version.
    Restore(restore::Restore),
    /// Say why a call, registration or sign-in of a user is decided as it is.
    Explain(explain::Explain),
}

pub(crate) async fn run(user: &User) -> Result<(), Failure> {
    match user {
        User::List(list) => list::run(list).await,
        User::Show(show) => show::run(show).await,
        User::Add(add) => add::run(add).await,
        User::Set(set) => set::run(set).await,
        User::Disable(disable) => disable::run(disable).await,
        User::History(history) => history::run(history).await,
        User::Restore(restore) => restore::run(restore).await,
        User::Explain(explain) => explain::run(explain).await,
    }
}
