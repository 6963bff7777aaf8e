//! The list of users: found as one types, filtered, paged, in the columns one has chosen.

use std::sync::Arc;

use askama::Template;
use domain::id::{RoleId, Serial, TeamId};
use domain::permission::Permission;
use domain::setting::Setting;
use domain::user::{Presence, User};

use crate::answer::{Answer, file, see};
use crate::bulk_edit::SETTINGS;
use crate::cookies::{COLUMNS, Cookie, YEAR_SECONDS, read};
use crate::fields::Choice;
use crate::form::{Pairs, query};
use crate::layout::Shell;
use crate::people::{Search, Status, status};
use crate::session::{Posted, Signed};
use crate::setting_fields::PRESENCES;
use crate::{user_file, words};

/// Rows of a page: a screen or two, and some 30 KB.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "users.html")]
struct UsersPage {
    shell: Shell,
    list: List,
    may_write: bool,
    q: String,
    standings: Vec<Choice>,
    presences: Vec<Choice>,
    roles: Vec<Choice>,
    teams: Vec<Choice>,
    columns: Vec<Choice>,
    settings: Vec<(&'static str, String)>,
    export: String,
}

/// The table alone, for htmx.
#[derive(Template)]
#[template(path = "users_part.html")]
struct UsersPart {
    list: List,
    may_write: bool,
}

struct List {
    columns: Vec<Column>,
    rows: Vec<Row>,
    matches: String,
    /// The query of the next page, where there is one.
    next: Option<String>,
    is_first: bool,
    first: String,
    /// The filters, so that "everyone found" can be said.
    filters: String,
}

struct Row {
    id: String,
    name: String,
    cells: Vec<String>,
    status: Option<Status>,
}

pub(crate) async fn show(signed: Signed) -> Answer {
    signed.require(Permission::UsersRead)?;
    let list = list(&signed);
    let may_write = signed.may(Permission::UsersWrite);
    if signed.wants_part() {
        return signed.page(&UsersPart { list, may_write });
    }
    let filters = list.filters.clone();
    let page = UsersPage {
        shell: Shell::of(&signed, "Users"),
        list,
        may_write,
        q: signed.query.text("q").unwrap_or_default().to_owned(),
        standings: chosen(STANDINGS, &signed.query, "standing"),
        presences: chosen(PRESENCES, &signed.query, "presence"),
        roles: roles(&signed),
        teams: teams(&signed),
        columns: column_choices(&signed),
        settings: SETTINGS.iter().map(|it| (it.name(), words::setting(*it))).collect(),
        export: format!("/users/export.csv?{filters}"),
    };
    signed.page(&page)
}

/// Remembers the chosen columns in a cookie.
pub(crate) async fn choose_columns(Posted { signed, form }: Posted) -> Answer {
    let known = form.all("column").filter(|word| Column::parse(word).is_some());
    let value = known.collect::<Vec<_>>().join(".");
    let value = if value.is_empty() { "none" } else { &value };
    let mut response = see("/users");
    Cookie { name: COLUMNS, value, seconds: Some(YEAR_SECONDS) }
        .set(response.headers_mut(), signed.console.config.tls);
    Ok(response)
}

/// Every user the filters find, with every setting that is no secret.
pub(crate) async fn export(signed: Signed) -> Answer {
    signed.require(Permission::UsersRead)?;
    let filter = Filter::read(&signed.query);
    let users = signed.account.users().filter(|user| filter.finds(user));
    let bytes = user_file::write(users, &signed.account);
    Ok(file("text/csv; charset=utf-8", "users.csv", bytes))
}

const STANDINGS: &[(&str, &str)] = &[
    ("active", "Active"),
    ("inactive", "Inactive"),
    ("blocked", "Calls blocked"),
    ("deleted", "Deleted"),
];

/// What a list of users is narrowed to.
pub(crate) struct Filter {
    search: Search,
    standing: Option<String>,
    presence: Option<Presence>,
    role: Option<RoleId>,
    team: Option<TeamId>,
}

impl Filter {
    pub(crate) fn read(query: &Pairs) -> Self {
        let presence = query.text("presence").map(serde_json::Value::from);
        Self {
            search: Search::new(query.text("q").unwrap_or_default()),
            standing: query.text("standing").map(str::to_owned),
            presence: presence.and_then(|word| serde_json::from_value(word).ok()),
            role: query.parsed("role"),
            team: query.parsed("team"),
        }
    }

    pub(crate) fn finds(&self, user: &User) -> bool {
        self.stands(user)
            && self.presence.is_none_or(|it| user.availability.presence == it)
            && self.role.is_none_or(|it| user.role == it)
            && self.team.is_none_or(|it| belongs(user, it))
            && self.search.finds(user)
    }

    fn stands(&self, user: &User) -> bool {
        match self.standing.as_deref() {
            Some("deleted") => user.is_deleted(),
            Some("inactive") => !user.is_deleted() && !user.standing.active,
            Some("active") => user.stands(),
            Some("blocked") => {
                !user.is_deleted() && (user.standing.calls_blocked || user.standing.agent_disabled)
            }
            Some(_) | None => !user.is_deleted(),
        }
    }
}

fn belongs(user: &User, team: TeamId) -> bool {
    let membership = &user.membership;
    membership.groups.contains(&team)
        || membership.skill_groups.contains(team)
        || membership.desks.contains(team)
}

fn list(signed: &Signed) -> List {
    let (filter, columns) = (Filter::read(&signed.query), columns(signed));
    let after = Serial(signed.query.parsed("after").unwrap_or(0));
    let found = |user: &&Arc<User>| filter.finds(user);
    // One walk counts all and takes the rows: users come in the order of their serials.
    let (mut users, mut matches) = (Vec::with_capacity(ROWS + 1), 0_usize);
    for user in signed.account.users().filter(found) {
        matches += 1;
        if user.serial > after && users.len() <= ROWS {
            users.push(user);
        }
    }
    let has_more = users.len() > ROWS;
    users.truncate(ROWS);
    let names = ["q", "standing", "presence", "role", "team"];
    let filters: Vec<_> =
        names.iter().map(|name| (*name, signed.query.text(name).unwrap_or_default())).collect();
    let last = users.last().map(|user| user.serial.to_string()).unwrap_or_default();
    let paged =
        |after: &str| query(filters.iter().copied().chain(std::iter::once(("after", after))));
    List {
        rows: users.iter().map(|user| row(user, &columns, signed)).collect(),
        columns,
        matches: words::thousands(matches),
        next: has_more.then(|| paged(&last)),
        is_first: after.0 == 0,
        first: paged(""),
        filters: query(filters.iter().copied()),
    }
}

fn row(user: &User, columns: &[Column], signed: &Signed) -> Row {
    let name = user.name();
    let shows_status = columns.contains(&Column::Status);
    let now = signed.now();
    Row {
        id: user.id.to_string(),
        name: if name.is_empty() { "No name".to_owned() } else { name },
        status: shows_status.then(|| status(user, &signed.account, &signed.console, now)),
        cells: columns.iter().filter_map(|it| it.cell(user, signed)).collect(),
    }
}

/// A column of the list, besides the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Status,
    Extension,
    Phone,
    Email,
    Login,
    Presence,
    Role,
    Groups,
    Title,
    Updated,
}

impl Column {
    const ALL: &[Self] = &[
        Self::Status,
        Self::Extension,
        Self::Phone,
        Self::Email,
        Self::Login,
        Self::Presence,
        Self::Role,
        Self::Groups,
        Self::Title,
        Self::Updated,
    ];
    /// Shown to whoever has not chosen.
    const USUAL: &[Self] = &[Self::Status, Self::Extension, Self::Phone, Self::Email, Self::Role];

    const fn word(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Extension => "extension",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Login => "login",
            Self::Presence => "presence",
            Self::Role => "role",
            Self::Groups => "groups",
            Self::Title => "title",
            Self::Updated => "updated",
        }
    }

    fn label(self) -> String {
        match self {
            Self::Status => "Calls".to_owned(),
            Self::Phone => "Telephone".to_owned(),
            Self::Updated => "Changed".to_owned(),
            Self::Extension
            | Self::Email
            | Self::Login
            | Self::Presence
            | Self::Role
            | Self::Groups
            | Self::Title => words::label(self.word()),
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.word() == word)
    }

    /// The text of a cell; the status has a cell of its own.
    fn cell(self, user: &User, signed: &Signed) -> Option<String> {
        let setting = match self {
            Self::Status => return None,
            Self::Updated => return Some(words::minute(user.updated_at, signed.zone())),
            Self::Extension => Setting::Extension,
            Self::Phone => Setting::Phone,
            Self::Email => Setting::Email,
            Self::Login => Setting::Login,
            Self::Presence => Setting::Presence,
            Self::Role => Setting::Role,
            Self::Groups => Setting::Groups,
            Self::Title => Setting::Title,
        };
        let value = setting.read(user);
        let is_empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        let words = || words::value(setting.name(), &value, &signed.account, signed.zone());
        Some(if is_empty { String::new() } else { words() })
    }
}

fn columns(signed: &Signed) -> Vec<Column> {
    match read(&signed.headers, COLUMNS) {
        Some(words) => Column::ALL
            .iter()
            .copied()
            .filter(|it| words.split('.').any(|word| word == it.word()))
            .collect(),
        None => Column::USUAL.to_vec(),
    }
}

fn column_choices(signed: &Signed) -> Vec<Choice> {
    let shown = columns(signed);
    let choice = |it: &Column| Choice::new(it.word(), it.label(), shown.contains(it));
    Column::ALL.iter().map(choice).collect()
}

fn chosen(options: &[(&str, &str)], query: &Pairs, name: &str) -> Vec<Choice> {
    let wanted = query.text(name).unwrap_or_default();
    options.iter().map(|(value, label)| Choice::new(*value, *label, *value == wanted)).collect()
}

fn roles(signed: &Signed) -> Vec<Choice> {
    let wanted: Option<RoleId> = signed.query.parsed("role");
    let roles = signed.account.roles.values().filter(|it| !it.deleted);
    roles
        .map(|it| Choice::new(it.id.to_string(), it.name.to_string(), wanted == Some(it.id)))
        .collect()
}

fn teams(signed: &Signed) -> Vec<Choice> {
    let wanted: Option<TeamId> = signed.query.parsed("team");
    let teams = signed.account.teams.values().filter(|it| !it.deleted);
    teams
        .map(|it| Choice::new(it.id.to_string(), it.name.to_string(), wanted == Some(it.id)))
        .collect()
}
