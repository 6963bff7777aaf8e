//! Groups, skill groups and desks: how they ring, when, and who belongs to them.

use std::sync::Arc;

use axum::extract::Path;
use directory::{Error, Options, PatchFrom};
use domain::change::Change;
use domain::fault::Fault as ValueFault;
use domain::id::{Serial, TeamId};
use domain::patch::UserPatch;
use domain::permission::Permission;
use domain::refusal::Refusal;
use domain::resource::{Resource, ResourceKind, RingStrategy, Team, TeamKind};
use domain::text::Name;
use domain::user::{TeamSet, User};

use crate::answer::Answer;
use crate::destination;
use crate::fault::{Fault, sentence};
use crate::fields::{Choice, Control, Field};
use crate::flash::Flash;
use crate::form::Pairs;
use crate::resource_page::{EditPage, Kind, ListRow, Members, refused};
use crate::session::{Posted, Signed};
use crate::setting_fields::{reference, referenced};
use crate::shift_form::{self, ShiftForm};
use crate::words;

const KIND: Kind = Kind { resources: ResourceKind::Team, list: "/teams", word: "team" };
const ABOUT: &str = "Groups, skill groups and desks: sets of users that calls can go to.";
const KINDS: [TeamKind; 3] = [TeamKind::Group, TeamKind::SkillGroup, TeamKind::Desk];
const STRATEGIES: [RingStrategy; 6] = [
    RingStrategy::Parallel,
    RingStrategy::Sequential,
    RingStrategy::RoundRobin,
    RingStrategy::Random,
    RingStrategy::LeastBusy,
    RingStrategy::LongestIdle,
];
/// Members shown beside a team: the rest are found in the list of users.
const MEMBERS_SHOWN_MAX: usize = 200;

pub(crate) async fn list(signed: Signed) -> Answer {
    signed.require(Permission::ResourcesRead)?;
    let mut teams: Vec<_> = signed.account.teams.values().filter(|it| !it.deleted).collect();
    teams.sort_by_key(|team| (team.kind, team.name.clone()));
    let row = |team: &&Arc<Team>| ListRow {
        path: format!("/teams/{}", team.id),
        name: team.name.to_string(),
        cells: vec![
            words::team_kind(team.kind).to_owned(),
            team.extension.as_deref().unwrap_or_default().to_owned(),
            words::strategy(team.strategy).to_owned(),
            words::thousands(signed.account.members(team).count()),
        ],
    };
    let rows = teams.iter().map(row).collect();
    let headings = &["Name", "Kind", "Extension", "Rings", "Members"];
    KIND.list_page(&signed, "Teams", ABOUT, (headings, rows))
}

pub(crate) async fn show(signed: Signed, Path(id): Path<String>) -> Answer {
    signed.require(Permission::ResourcesRead)?;
    let team = found(&signed, &id)?;
    signed.page(&page(&signed, team.as_ref()))
}

pub(crate) async fn save(Path(id): Path<String>, Posted { signed, form }: Posted) -> Answer {
    let team = found(&signed, &id)?;
    let next = match written(&signed, team.as_ref(), &form) {
        Ok(next) => next,
        Err(refusals) => return refused(&signed, page(&signed, team.as_ref()), &form, &refusals),
    };
    let existing = team.clone().map(Resource::from);
    let put = KIND.put(&signed, existing.as_ref(), next.into(), &form).await;
    KIND.answered(&signed, put, &form, || page(&signed, team.as_ref()))
}

pub(crate) async fn delete(Path(id): Path<String>, posted: Posted) -> Answer {
    KIND.delete(&id, posted).await
}

/// Adds one member, or takes one out: a change of the user.
pub(crate) async fn members(Path(id): Path<String>, Posted { signed, form }: Posted) -> Answer {
    let team = found(&signed, &id)?.ok_or(Fault::NotFound)?;
    let added = form.text("add").map(|word| (word, true));
    let named = added.or_else(|| form.text("remove").map(|word| (word, false)));
    let place = format!("/teams/{id}");
    let Some((word, belongs)) = named else { return Ok(signed.see_with(&place, &nobody(""))) };
    let Some(user) = referenced(word, &signed.account) else {
        return Ok(signed.see_with(&place, &nobody(word)));
    };
    let patch: PatchFrom = Arc::new(move |user, _| Ok(membership(user, &team, belongs)));
    let directory = &signed.console.directory;
    let changed = directory.change_user_from(user, patch, &signed.caller, Options::default()).await;
    let flash = match changed {
        Ok(change) => crate::pages::user::saved(&signed, &change),
        Err(error @ Error::Refused(_)) => Flash::bad(sentence(&error)),
        Err(error) => return Err(error.into()),
    };
    Ok(signed.see_with(&place, &flash))
}

fn nobody(word: &str) -> Flash {
    Flash::bad(format!("There is no user on extension or login \"{word}\"."))
}

/// Somebody in all teams of a kind stays so.
fn membership(user: &User, team: &Team, belongs: bool) -> UserPatch {
    let with = |teams: &[TeamId]| -> Box<[TeamId]> {
        let others = teams.iter().copied().filter(|it| *it != team.id);
        others.chain(belongs.then_some(team.id)).collect()
    };
    let set = |teams: &TeamSet| match teams {
        TeamSet::All => Change::Keep,
        TeamSet::These(teams) => Change::Set(TeamSet::These(with(teams))),
    };
    let own = &user.membership;
    let mut patch = UserPatch::default();
    match team.kind {
        TeamKind::Group => patch.groups = Change::Set(with(&own.groups)),
        TeamKind::SkillGroup => patch.skill_groups = set(&own.skill_groups),
        TeamKind::Desk => patch.desks = set(&own.desks),
    }
    patch
}

/// `None` for a new one.
fn found(signed: &Signed, id: &str) -> Result<Option<Team>, Fault> {
    if id == "new" {
        return Ok(None);
    }
    let id: TeamId = id.parse().map_err(|_| Fault::NotFound)?;
    let team = signed.account.teams.get(&id).filter(|it| !it.deleted).ok_or(Fault::NotFound)?;
    Ok(Some((**team).clone()))
}

fn page(signed: &Signed, team: Option<&Team>) -> EditPage {
    let existing = team.cloned().map(Resource::from);
    let mut page = KIND.edit_page(signed, existing.as_ref(), fields(signed, team));
    let hours = team.and_then(|it| it.hours.as_ref());
    page.shift = Some(ShiftForm::of(hours, signed.account.account.time_zone, signed.now()));
    page.may_be_always = true;
    page.members = team.map(|team| shown_members(signed, team));
    page
}

fn shown_members(signed: &Signed, team: &Team) -> Members {
    let row = |user: &Arc<User>| {
        let extension = user.telephone.extension.map(|it| it.to_string()).unwrap_or_default();
        (user.id.to_string(), user.name(), extension)
    };
    let all = signed.account.members(team).count();
    let rows: Vec<_> = signed.account.members(team).take(MEMBERS_SHOWN_MAX).map(row).collect();
    Members { more: all - rows.len(), rows }
}

fn fields(signed: &Signed, team: Option<&Team>) -> Vec<Field> {
    let text = |read: fn(&Team) -> Option<String>| team.and_then(read).unwrap_or_default();
    let mut fields = Vec::new();
    if team.is_none() {
        let kinds = KINDS.map(|it| Choice::new(kind_word(it), words::team_kind(it), false));
        fields.push(Field::choice("kind", "Kind", "Cannot be changed later.", kinds.into()));
    }
    let chosen = team.map(|it| it.strategy).unwrap_or_default();
    let strategies = STRATEGIES
        .map(|it| Choice::new(strategy_word(it), words::strategy(it), it == chosen))
        .to_vec();
    let seconds = team.map_or(20, |it| it.ring_seconds).to_string();
    let order = team.map(|it| ordered(signed, it)).unwrap_or_default();
    fields.extend([
        Field::text(
            "name",
            "Name",
            "What colleagues call it.",
            &text(|it| Some(it.name.to_string())),
        ),
        Field::text(
            "description",
            "Description",
            "For administrators.",
            &text(|it| it.description.as_deref().map(str::to_owned)),
        ),
        Field::text(
            "extension",
            "Extension",
            "Dialled from inside.",
            &text(|it| it.extension.as_deref().map(str::to_owned)),
        ),
        Field::choice("strategy", "Rings", "In which order members are rung.", strategies),
        Field::new(
            "ring_seconds",
            "Ring seconds",
            "How long each member rings before the next, or all of them at once: 5 to 120.",
            Control::Number { value: seconds },
        ),
        Field::new(
            "order",
            "Order",
            "Extensions, one a line, in the order they ring; other members follow.",
            Control::Lines { value: order },
        ),
    ]);
    fields.extend(destination::fields(
        "failover",
        "When nobody answers",
        "Where the call goes then.",
        team.and_then(|it| it.failover),
        &signed.account,
    ));
    fields
}

fn ordered(signed: &Signed, team: &Team) -> String {
    let users = team.order.iter().filter_map(|id| signed.account.user(*id));
    users.map(|user| reference(user)).collect::<Vec<_>>().join("\n")
}

const fn kind_word(kind: TeamKind) -> &'static str {
    match kind {
        TeamKind::Group => "group",
        TeamKind::SkillGroup => "skill_group",
        TeamKind::Desk => "desk",
    }
}

const fn strategy_word(strategy: RingStrategy) -> &'static str {
    match strategy {
        RingStrategy::Parallel => "parallel",
        RingStrategy::Sequential => "sequential",
        RingStrategy::RoundRobin => "round_robin",
        RingStrategy::Random => "random",
        RingStrategy::LeastBusy => "least_busy",
        RingStrategy::LongestIdle => "longest_idle",
    }
}

/// The team as the form has it.
fn written(signed: &Signed, team: Option<&Team>, form: &Pairs) -> Result<Team, Vec<Refusal>> {
    let refuse = |field: &'static str, fault| vec![Refusal::of(field, fault)];
    let text = |name: &str| form.text(name).map(Into::into);
    let name = Name::parse(form.text("name").unwrap_or_default())
        .map_err(|fault| refuse("name", fault))?;
    let number = ValueFault::Malformed { expected: "a whole number" };
    let hours = shift_form::read(form).map_err(|_| {
        refuse("hours", ValueFault::Malformed { expected: "rows of hours and dates" })
    })?;
    let kind = KINDS.into_iter().find(|it| form.text("kind") == Some(kind_word(*it)));
    let strategy =
        STRATEGIES.into_iter().find(|it| form.text("strategy") == Some(strategy_word(*it)));
    let order = form.one("order").unwrap_or_default().split_whitespace();
    let order = order.map(|word| referenced(word, &signed.account)).collect::<Option<Vec<_>>>();
    let blank = Team {
        id: TeamId(uuid::Uuid::nil()),
        serial: Serial::default(),
        account: signed.account.account.id,
        version: 0,
        kind: kind.unwrap_or(TeamKind::Group),
        name: name.clone(),
        description: None,
        extension: None,
        strategy: RingStrategy::default(),
        ring_seconds: 20,
        order: Vec::new(),
        hours: None,
        failover: None,
        vendor: serde_json::Map::new(),
        deleted: false,
    };
    Ok(Team {
        name,
        description: text("description"),
        extension: text("extension"),
        strategy: strategy.unwrap_or_default(),
        ring_seconds: form.parsed("ring_seconds").ok_or_else(|| refuse("ring_seconds", number))?,
        order: order.ok_or_else(|| refuse("order", ValueFault::Unknown))?,
        hours,
        failover: destination::read("failover", form, &signed.account)
            .map_err(|fault| refuse("failover", fault))?,
        ..team.cloned().unwrap_or(blank)
    })
}
