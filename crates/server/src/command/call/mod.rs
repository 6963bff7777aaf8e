//! `rollcall call …`: calls going on and finished ones, one file a command.
//!
//! Every command is a request of the native API. Calls going on are a running server's; finished
//! ones can be read from a folder too.

mod explain;
mod hang_up;
mod list;
mod live;
mod place;
mod row;
mod show;

use clap::Subcommand;

use crate::output::Failure;

/// Said where there is no record by an id.
const NONE: &str =
    "no finished call has that id; those that go on are listed by `rollcall call live`";

#[derive(Debug, Subcommand)]
pub(crate) enum Call {
    /// List finished calls, newest first.
    List(list::List),
    /// Show a finished call and its legs.
    Show(show::Show),
    /// Say why a finished call went as it did: every decision, with the rules passed.
    Explain(explain::Explain),
    /// List the calls going on; needs a running server, as do the two below.
    Live(live::Live),
    /// End a call, for both sides.
    #[command(name = "hangup")]
    HangUp(hang_up::HangUp),
    /// Ring a user, then call a destination for him.
    Place(place::PlaceCall),
}

pub(crate) async fn run(call: &Call) -> Result<(), Failure> {
    match call {
        Call::List(list) => list::run(list).await,
        Call::Show(show) => show::run(show).await,
        Call::Explain(explain) => explain::run(explain).await,
        Call::Live(live) => live::run(live).await,
        Call::HangUp(hang_up) => hang_up::run(hang_up).await,
        Call::Place(place) => place::run(place).await,
    }
}
