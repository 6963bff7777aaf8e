//! What a request says about a CallerDesk call group, and the group after it.

use domain::fault::Fault;
use domain::id::{NumberId, Serial, UserId};
use domain::read;
use domain::resource::{RingStrategy, Team};
use domain::snapshot::Snapshot;
use domain::text::Name;

use super::envelope::{Failure, Thing};
use super::group::{PROMPTS, members, parse_strategy, set_own};
use super::members::by_id;
use super::request::Asked;
use super::schedule::HoursAsked;
use crate::dialect::field::Wrong;

/// `sticky_member`: 0 off, 1 advance, 2 normal.
const STICKY_MAX: u64 = 2;

/// What is asked of a group; what is left out stays.
pub(super) struct Edit {
    pub(super) name: Option<Name>,
    extension: Option<Box<str>>,
    strategy: Option<RingStrategy>,
    hours: HoursAsked,
    /// The number that is to ring at the group.
    pub(super) deskphone: Option<NumberId>,
    /// What only this vendor has.
    own: Vec<(&'static str, String)>,
    /// Members to be added, behind those there are.
    pub(super) added: Vec<UserId>,
}

impl Edit {
    pub(super) fn read(asked: &Asked<'_>) -> Result<Self, Failure> {
        let parameters = &asked.parameters;
        let name = parameters.text("group_name").map(|text| Name::parse(&text)).transpose();
        let strategy = parameters.text("strategy_check").map(|text| parse_strategy(&text));
        Ok(Self {
            name: name.map_err(|fault| {
                Failure::Wrong(vec![Wrong { key: "group_name".to_owned(), fault }])
            })?,
            extension: parameters.text("group_extn").map(Into::into),
            strategy: strategy.transpose()?,
            hours: HoursAsked::read(parameters)?,
            deskphone: deskphone(asked)?,
            own: own(asked)?,
            added: added(asked)?,
        })
    }

    /// Whoever is a member keeps his place.
    pub(super) fn without_members_of(mut self, group: &Team, account: &Snapshot) -> Self {
        let members: Vec<UserId> = members(group, account).iter().map(|user| user.id).collect();
        self.added.retain(|id| !members.contains(id));
        self
    }

    /// The group itself after it. Those added may belong to it by then, or not yet.
    pub(super) fn apply(&self, group: &mut Team, account: &Snapshot) -> Result<(), Fault> {
        if let Some(name) = &self.name {
            group.name.clone_from(name);
        }
        if self.extension.is_some() {
            group.extension.clone_from(&self.extension);
        }
        group.strategy = self.strategy.unwrap_or(group.strategy);
        group.hours = self.hours.over(group.hours.as_ref())?;
        for (key, text) in &self.own {
            set_own(group, key, text);
        }
        if !self.added.is_empty() {
            let members = members(group, account).into_iter().map(|user| user.id);
            let before = members.filter(|id| !self.added.contains(id));
            group.order = before.chain(self.added.iter().copied()).collect();
        }
        Ok(())
    }
}

fn own(asked: &Asked<'_>) -> Result<Vec<(&'static str, String)>, Failure> {
    let parameters = &asked.parameters;
    let mut own = Vec::new();
    if let Some(value) = parameters.value("sticky_member") {
        let sticky = read::whole(&value, STICKY_MAX).map_err(|_| Failure::BadValue)?;
        own.push(("sticky_member", sticky.to_string()));
    }
    if let Some(value) = parameters.value("multi_sticky") {
        let sticky = read::flag(&value).map_err(|_| Failure::BadValue)?;
        own.push(("multi_sticky", u8::from(sticky).to_string()));
    }
    // The create page writes the owner's id with two underscores.
    let owner = parameters.text("group_owner__id").or_else(|| parameters.text("group_owner_id"));
    if let Some(id) = owner {
        by_id(&id, &asked.account).ok_or(Failure::Unknown(Thing::Member))?;
        own.push(("group_owner_id", id));
    }
    for key in ["group_owner_name", "deskphone_id"].iter().chain(PROMPTS) {
        own.extend(parameters.text(key).map(|text| (*key, text)));
    }
    Ok(own)
}

/// One id, or several with commas between them.
fn added(asked: &Asked<'_>) -> Result<Vec<UserId>, Failure> {
    let text = asked.parameters.text("member_id").unwrap_or_default();
    let ids = text.split(',').map(str::trim).filter(|id| !id.is_empty());
    let mut added = Vec::new();
    for id in ids {
        let user = by_id(id, &asked.account).ok_or(Failure::Unknown(Thing::Member))?.id;
        if !added.contains(&user) {
            added.push(user);
        }
    }
    Ok(added)
}

fn deskphone(asked: &Asked<'_>) -> Result<Option<NumberId>, Failure> {
    let Some(id) = asked.parameters.text("deskphone_id") else { return Ok(None) };
    let serial: Option<Serial> = id.parse().ok();
    let mut numbers = asked.account.numbers.values();
    let number = numbers.find(|number| !number.deleted && Some(number.serial) == serial);
    number.map(|number| Some(number.id)).ok_or(Failure::Unknown(Thing::Deskphone))
}
