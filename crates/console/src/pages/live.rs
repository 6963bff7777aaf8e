//! Who is on the telephone now: the calls going on, and a wall of users, up to date by itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use domain::call::{LiveCall, LiveState};
use domain::id::{Serial, TeamId};
use domain::permission::Permission;
use domain::resource::Team;
use domain::rights;
use domain::user::User;

use crate::answer::Answer;
use crate::call_words::{Side, direction, state};
use crate::fault::Fault;
use crate::fields::Choice;
use crate::flash::Flash;
use crate::form::query;
use crate::layout::Shell;
use crate::live_stream::stream;
use crate::pages::calls::teams;
use crate::people::{Status, status};
use crate::session::{Posted, Signed};
use crate::words;

/// Users on the wall: more are not looked at, and the page stays small.
const WALL_MAX: usize = 300;
/// Calls in the table: the same.
const CALLS_SHOWN_MAX: usize = 200;

#[derive(Template)]
#[template(path = "live.html")]
struct LivePage {
    shell: Shell,
    teams: Vec<Choice>,
    events: String,
    part: Now,
}

/// What changes by itself.
#[derive(Template)]
#[template(path = "live_part.html")]
struct LivePart {
    part: Now,
}

/// The account at this moment.
struct Now {
    csrf: String,
    team: String,
    counts: Vec<(&'static str, usize)>,
    calls: Vec<CallRow>,
    calls_left_out: usize,
    /// None for those who may not read users.
    wall: Option<Vec<Tile>>,
    is_cut: bool,
}

struct CallRow {
    id: String,
    from: Side,
    to: Side,
    direction: &'static str,
    state: &'static str,
    dot: &'static str,
    team: String,
    began: String,
    /// Seconds since 1970, from which the browser counts on.
    since: i64,
    may_end: bool,
}

struct Tile {
    id: String,
    name: String,
    extension: String,
    status: Status,
}

pub(crate) async fn show(signed: Signed) -> Answer {
    let part = part(&signed).await?;
    let page = LivePage {
        shell: Shell::of(&signed, "Live"),
        teams: teams(&signed, "team"),
        events: format!("/live/events?{}", query([("team", part.team.as_str())])),
        part,
    };
    signed.page(&page)
}

/// The part that changes, as long as the page is open.
pub(crate) async fn events(signed: Signed) -> Answer {
    signed.require(Permission::CallsRead)?;
    stream(
        signed,
        |signed| async move { LivePart { part: part(&signed).await.ok()? }.render().ok() },
    )
}

pub(crate) async fn hang_up(Posted { signed, form }: Posted) -> Answer {
    let call = form.parsed("call").ok_or(Fault::NotFound)?;
    let flash = match signed.console.directory.hang_up(call, &signed.caller).await {
        Ok(()) => Flash::good("The call was ended for both sides."),
        Err(directory::Error::NotFound) => Flash::good("The call was over already."),
        Err(error) => return Err(error.into()),
    };
    let team = form.text("team").unwrap_or_default();
    Ok(signed.see_with(&format!("/live?{}", query([("team", team)])), &flash))
}

async fn part(signed: &Signed) -> Result<Now, Fault> {
    let team = team(signed);
    let mut calls = signed.console.directory.live_calls(&signed.caller).await?;
    if let Some(team) = team {
        let members: BTreeSet<Serial> =
            signed.account.members(team).map(|user| user.serial).collect();
        calls.retain(|call| call.team == Some(team.id) || !call.users.is_disjoint(&members));
    }
    let (wall, is_cut) =
        if signed.may(Permission::UsersRead) { wall(signed, team, &calls)? } else { (None, false) };
    Ok(Now {
        csrf: signed.csrf.clone(),
        team: team.map(|it| it.id.to_string()).unwrap_or_default(),
        counts: counts(&calls, wall.as_deref()),
        calls_left_out: calls.len().saturating_sub(CALLS_SHOWN_MAX),
        calls: calls.iter().take(CALLS_SHOWN_MAX).map(|it| row(it, signed)).collect(),
        wall,
        is_cut,
    })
}

/// The team asked for, where there is such a one.
fn team(signed: &Signed) -> Option<&Team> {
    let team: TeamId = signed.query.parsed("team")?;
    signed.account.teams.get(&team).map(|team| &**team)
}

fn counts(calls: &[LiveCall], wall: Option<&[Tile]>) -> Vec<(&'static str, usize)> {
    let in_state = |state: LiveState| calls.iter().filter(|call| call.state == state).count();
    let mut counts = vec![
        ("Calls", calls.len()),
        ("Ringing", in_state(LiveState::Ringing)),
        ("Talking", in_state(LiveState::Talking)),
    ];
    if let Some(wall) = wall {
        let shown = |dot: &str| wall.iter().filter(|tile| tile.status.dot == dot).count();
        let word = |word: &str| wall.iter().filter(|tile| tile.status.word == word).count();
        counts.extend([
            ("Can be rung", shown("on")),
            ("On a call", shown("call")),
            ("On a break", word("On a break")),
            ("Off shift", word("Off shift")),
        ]);
    }
    counts
}

fn row(call: &LiveCall, signed: &Signed) -> CallRow {
    let since = call.answered_at.unwrap_or(call.started_at);
    let own = call.users.contains(&signed.user.serial).then_some(signed.user.id);
    let team = call.team.and_then(|it| signed.account.teams.get(&it));
    CallRow {
        id: call.id.to_string(),
        from: Side::of(&call.caller, signed),
        to: Side::of(&call.called, signed),
        direction: direction(call.direction),
        state: state(call.state),
        dot: if call.state == LiveState::Talking { "call" } else { "pause" },
        team: team.map(|it| it.name.to_string()).unwrap_or_default(),
        began: words::clock(call.started_at, signed.zone()),
        since: since.as_second(),
        may_end: rights::may_operate_calls(&signed.caller, own).is_ok(),
    }
}

/// The team's members; without a team, whoever has a device or is on a call. And whether there are
/// more than shown.
fn wall(
    signed: &Signed,
    team: Option<&Team>,
    calls: &[LiveCall],
) -> Result<(Option<Vec<Tile>>, bool), Fault> {
    let account = &signed.account;
    let mut users: Vec<&Arc<User>> = if let Some(team) = team {
        account.members(team).take(WALL_MAX + 1).collect()
    } else {
        let directory = &signed.console.directory;
        let limit = directory::REGISTRATIONS_MAX;
        let devices = directory.registrations(Serial(0), limit, &signed.caller)?;
        let with_device = devices.iter().map(|device| device.user);
        let busy = calls.iter().flat_map(|call| call.users.iter().copied());
        let serials: BTreeSet<Serial> = busy.chain(with_device).collect();
        serials.iter().filter_map(|it| account.user_by_serial(*it)).take(WALL_MAX + 1).collect()
    };
    let is_cut = users.len() > WALL_MAX;
    users.truncate(WALL_MAX);
    let now = signed.now();
    let tile = |user: &&Arc<User>| Tile {
        id: user.id.to_string(),
        name: user.name(),
        extension: user.telephone.extension.map(|it| it.to_string()).unwrap_or_default(),
        status: status(user, account, &signed.console, now),
    };
    Ok((Some(users.iter().map(tile).collect()), is_cut))
}
