//! Which users a list asks for, and its pages in the order of serials.

use std::sync::Arc;

use domain::extension::Extension;
use domain::id::{RoleId, Serial, TeamId};
use domain::phone::PhoneNumber;
use domain::resource::TeamKind;
use domain::setting::Setting;
use domain::snapshot::Snapshot;
use domain::user::{Presence, TeamSet, User};
use serde_json::Value;

use super::asked::Asked;
use super::problem::Problem;

/// What the users of a list have in common.
struct Filter {
    /// In lower case; in the name, login, email, title, extension or telephone number.
    words: Option<String>,
    active: Option<bool>,
    /// `None`: deleted ones and others.
    deleted: Option<bool>,
    role: Option<RoleId>,
    team: Option<(TeamId, Option<TeamKind>)>,
    presence: Option<Presence>,
    extension: Option<Extension>,
    email: Option<String>,
    phone: Option<PhoneNumber>,
}

/// One page of users, and the cursor of the next.
pub(crate) async fn page(
    asked: &Asked,
    account: Arc<Snapshot>,
) -> Result<(Vec<Arc<User>>, Option<String>), Problem> {
    let limit = asked.limit()?;
    let filter = Filter::read(asked, &account)?;
    let after = asked.parsed("cursor", "a cursor of an earlier page", |it| it.parse().ok())?;
    let after = after.unwrap_or(Serial(0));
    let mut users = if filter.words.is_some() {
        // Words are looked for in every user: too long to keep others waiting.
        let select = move || filter.select(&account, after, limit + 1);
        let selected = tokio::task::spawn_blocking(select).await;
        selected.map_err(|_| Problem::busy("the server is stopping"))?
    } else {
        filter.select(&account, after, limit + 1)
    };
    let more = users.len() > limit;
    users.truncate(limit);
    let next = users.last().filter(|_| more).map(|user| user.serial.to_string());
    Ok((users, next))
}

impl Filter {
    fn read(asked: &Asked, account: &Snapshot) -> Result<Self, Problem> {
        let country = account.account.country;
        let deleted = match asked.query("deleted").as_deref() {
            Some("any") => None,
            _ => Some(asked.flag("deleted")?.unwrap_or(false)),
        };
        let team = asked.parsed("team", "an id", |text| text.parse().ok())?;
        Ok(Self {
            words: asked.query("q").map(|words| words.trim().to_lowercase()),
            active: asked.flag("active")?,
            deleted,
            role: asked.parsed("role", "an id", |text| text.parse().ok())?,
            team: team.map(|team| (team, account.teams.get(&team).map(|team| team.kind))),
            presence: asked.parsed(
                "presence",
                "one of online, break, offline, dialer",
                |text| serde_json::from_value(Value::from(text)).ok(),
            )?,
            extension: asked
                .parsed("extension", "an extension", |text| Extension::parse(text).ok())?,
            email: asked.query("email").map(|email| email.trim().to_lowercase()),
            phone: asked.parsed("phone", "a telephone number", |text| {
                PhoneNumber::parse(text, country).ok()
            })?,
        })
    }

    /// The first users behind a serial that the filter takes.
    fn select(&self, account: &Snapshot, after: Serial, rows: usize) -> Vec<Arc<User>> {
        let taken = |user: &&Arc<User>| user.serial > after && self.takes(user);
        match self.indexed(account) {
            Some(users) => users.into_iter().filter(taken).take(rows).cloned().collect(),
            None => account.users_after(after).filter(taken).take(rows).cloned().collect(),
        }
    }

    /// The users it can be, where an index knows; indexes know no deleted ones.
    fn indexed<'a>(&self, account: &'a Snapshot) -> Option<Vec<&'a Arc<User>>> {
        if self.deleted != Some(false) {
            return None;
        }
        if let Some(extension) = self.extension {
            return Some(account.user_by_extension(extension).into_iter().collect());
        }
        if let Some(email) = &self.email {
            return Some(account.user_by_email(email).into_iter().collect());
        }
        Some(account.users_by_phone(self.phone?).collect())
    }

    fn takes(&self, user: &User) -> bool {
        let extensions = [user.telephone.extension, user.telephone.predictive_extension];
        self.deleted.is_none_or(|deleted| deleted == user.is_deleted())
            && self.active.is_none_or(|active| active == user.standing.active)
            && self.role.is_none_or(|role| role == user.role)
            && self.presence.is_none_or(|presence| presence == user.availability.presence)
            && self.extension.is_none_or(|extension| extensions.contains(&Some(extension)))
            && self.team.is_none_or(|(team, kind)| belongs(user, team, kind))
            && self.email.as_deref().is_none_or(|email| has_email(user, email))
            && self.phone.is_none_or(|phone| has_phone(user, phone))
            && self.words.as_deref().is_none_or(|words| mentions(user, words))
    }
}

fn has_email(user: &User, folded: &str) -> bool {
    user.identity.email.as_ref().is_some_and(|own| *own.folded() == *folded)
}

fn has_phone(user: &User, phone: PhoneNumber) -> bool {
    user.identity.phone.is_some_and(|own| own.same_national(&phone))
}

fn belongs(user: &User, team: TeamId, kind: Option<TeamKind>) -> bool {
    let own = &user.membership;
    let named = |set: &TeamSet| match set {
        TeamSet::All => false,
        TeamSet::These(teams) => teams.contains(&team),
    };
    let through_all = match kind {
        Some(TeamKind::SkillGroup) => own.skill_groups == TeamSet::All,
        Some(TeamKind::Desk) => own.desks == TeamSet::All,
        Some(TeamKind::Group) | None => false,
    };
    through_all || own.groups.contains(&team) || named(&own.skill_groups) || named(&own.desks)
}

fn mentions(user: &User, words: &str) -> bool {
    const SEARCHED: &[Setting] =
        &[Setting::Login, Setting::Email, Setting::Title, Setting::Extension, Setting::Phone];
    let found = |text: &str| text.to_lowercase().contains(words);
    found(&user.name())
        || SEARCHED.iter().any(|setting| setting.read(user).as_str().is_some_and(found))
}
