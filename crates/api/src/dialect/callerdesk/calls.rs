//! CallerDesk's calls going on, and its click-to-call in four forms: by the member's number (v2),
//! by his id (v4), either with the customer named first (v3), and `singleleg-clicktocall`.
//!
//! The member's devices are rung before the customer is called in every form, in v3 too, where the
//! vendor calls the customer first: here a customer never waits for a member who does not pick up.
//! `deskphone` must be the number the member's calls show anyway; `call_from_did` says no more than
//! that. Where v3 names a group in the member's place, its first member who can be rung is; a
//! `group_name` beside a member changes nothing. The vendor has no hang-up.

use std::sync::Arc;

use directory::Error;
use domain::call::{CallParty, Click, ClickRefused, Direction, LiveCall, LiveState};
use domain::fault::Fault;
use domain::id::{CallId, Serial, TeamId};
use domain::phone::PhoneNumber;
use domain::snapshot::Snapshot;
use domain::user::User;
use serde_json::{Value, json};

use super::envelope::{Failure, Thing, success};
use super::fields::{is_number, shown_number};
use super::group;
use super::members;
use super::request::Asked;
use super::trail::shown_time;
use crate::dialect::call_sides::{CallSides, of_live, own_number};
use crate::dialect::field::Wrong;
use crate::dialect::shown_number::ShownNumber;
use crate::state::Api;

/// Bytes of a number to call.
const DESTINATION_BYTES_MAX: usize = 64;
/// Bits of `campid`, which clients keep in signed 32-bit columns.
const CAMPAIGN_ID_MASK: u128 = 0x7fff_ffff;

/// Calls going on, oldest first.
pub(super) async fn live(asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    let calls = api.directory.live_calls(&asked.caller).await?;
    let shown: Vec<Value> = calls.iter().map(|call| shown_live(call, &asked.account)).collect();
    let total = json!(shown.len().to_string());
    Ok(success(None, [("total_live_calls", total), ("live_calls", shown.into())]))
}

/// Every value a text, as the vendor writes it.
fn shown_live(call: &LiveCall, account: &Snapshot) -> Value {
    let CallSides { agent, customer, .. } = of_live(call);
    let zone = account.account.time_zone;
    let deskphone = deskphone(own_number(call.number, call.shown.as_deref(), account));
    let status = match call.state {
        LiveState::Setup => "Initiated",
        LiveState::Ringing => "Ringing",
        LiveState::Talking => "Answered",
        LiveState::Ended => "Ended",
    };
    json!({
        "msisdn": party_number(customer, account),
        "entrydate": shown_time(call.started_at, zone),
        "member_num": member_number(agent, account),
        "callstatus": status,
        "lastupdatedate": shown_time(call.answered_at.unwrap_or(call.started_at), zone),
        "did_num": deskphone,
        "sid_id": call.id.to_string(),
        "channel": flow_type(call.direction),
        "deskphone": deskphone,
        "member_name": member_name(agent, account),
        "group_name": group_name(call.team, account),
    })
}

/// The vendor's word for where a call comes from. It knows no calls between colleagues.
pub(super) const fn flow_type(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "IVR",
        Direction::Outbound | Direction::Internal | Direction::ClickToCall => "WEBOBD",
    }
}

pub(super) fn deskphone(number: Option<&domain::resource::Number>) -> String {
    number.map(|number| shown_number(number.number)).unwrap_or_default()
}

/// A colleague by his extension, everybody else by the telephone number.
pub(super) fn party_number(party: &CallParty, account: &Snapshot) -> String {
    let number = PhoneNumber::parse(&party.number, account.account.country).ok();
    let number = number.filter(|_| party.user.is_none()).map(shown_number);
    number.unwrap_or_else(|| party.number.to_string())
}

pub(super) fn member_name(member: Option<Serial>, account: &Snapshot) -> String {
    let member = member.and_then(|serial| account.user_by_serial(serial));
    member.map(|user| user.name().clone()).unwrap_or_default()
}

/// A member's telephone, or his extension where he has none.
pub(super) fn member_number(member: Option<Serial>, account: &Snapshot) -> String {
    let Some(user) = member.and_then(|serial| account.user_by_serial(serial)) else {
        return String::new();
    };
    let extension = || user.telephone.extension.map(|extension| extension.to_string());
    user.identity.phone.map(shown_number).or_else(extension).unwrap_or_default()
}

pub(super) fn group_name(team: Option<TeamId>, account: &Snapshot) -> String {
    let team = team.and_then(|id| account.team(id));
    team.map(|team| team.name.to_string()).unwrap_or_default()
}

/// Members on a number as a client wrote it: their telephone's, or their extension.
pub(super) fn members_on<'a>(number: &str, account: &'a Snapshot) -> Vec<&'a Arc<User>> {
    let has = |user: &User| {
        user.identity.phone.is_some_and(|phone| is_number(number, phone))
            || user.telephone.extension.is_some_and(|it| it.to_string() == number)
    };
    account.users().filter(|user| !user.is_deleted() && has(user)).collect()
}

/// Whom to ring and whom to call then.
struct Pair {
    member: Arc<User>,
    destination: String,
}

/// `click_to_call_v2`: the member by his number.
pub(super) async fn by_number(asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    let member = asked.parameters.required("calling_party_a")?;
    let destination = asked.parameters.required("calling_party_b")?;
    let member = only_member_on(&member, &asked.account)?;
    place(asked, Pair { member, destination }, "deskphone", api).await
}

/// `click_to_call_v4`: the member by his id.
pub(super) async fn by_id(asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    let member = members::member(asked)?;
    let destination = asked.parameters.required("calling_party_b")?;
    place(asked, Pair { member, destination }, "deskphone", api).await
}

/// `click_to_call_v3`: the customer is party A, and party B a member or a group; clients that name
/// the member by his id have the customer as party B.
pub(super) async fn reversed(asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    let parameters = &asked.parameters;
    if parameters.text("member_id").is_some() {
        let destination = parameters.required("calling_party_b")?;
        let pair = Pair { member: members::member(asked)?, destination };
        return place(asked, pair, "deskphone", api).await;
    }
    let (second, group) = (parameters.text("calling_party_b"), parameters.text("group_name"));
    let member = second.map(|second| only_member_on(&second, &asked.account));
    match (member, group) {
        (Some(Ok(member)), _) => {
            let destination = parameters.required("calling_party_a")?;
            place(asked, Pair { member, destination }, "deskphone", api).await
        }
        (Some(Err(_)) | None, Some(name)) => {
            let destination = parameters.required("calling_party_a")?;
            place_for_group(asked, &name, &destination, api).await
        }
        (Some(Err(unknown)), None) => {
            parameters.required("calling_party_a")?;
            Err(unknown)
        }
        (None, None) => Err(Failure::Missing("calling_party_b")),
    }
}

/// Asks the members in the group's order until one can be rung: a click rings one user, whatever
/// the group's strategy. Where nobody can, the first one's reason is told.
async fn place_for_group(
    asked: &Asked<'_>,
    name: &str,
    destination: &str,
    api: &Api,
) -> Result<Value, Failure> {
    let group = group::by_name(name, &asked.account)?;
    let mut refused = None;
    for member in group::members(group, &asked.account) {
        let pair = Pair { member: Arc::clone(member), destination: destination.to_owned() };
        match place(asked, pair, "deskphone", api).await {
            Err(
                why @ (Failure::DeskphoneNotShown
                | Failure::NotPlaced(
                    ClickRefused::UnknownUser
                    | ClickRefused::NoDevice
                    | ClickRefused::NotReachable
                    | ClickRefused::CallerId,
                )),
            ) => {
                refused.get_or_insert(why);
            }
            answered => return answered,
        }
    }
    Err(refused.unwrap_or(Failure::NotPlaced(ClickRefused::NotReachable)))
}

/// `singleleg-clicktocall`, which has names of its own for everything.
pub(super) async fn single_leg(asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    let member = asked.parameters.required("agent_number")?;
    let destination = asked.parameters.required("customer_number")?;
    let member = only_member_on(&member, &asked.account)?;
    place(asked, Pair { member, destination }, "callerid", api).await
}

/// A number two members have is nobody's.
fn only_member_on(number: &str, account: &Snapshot) -> Result<Arc<User>, Failure> {
    match members_on(number, account).as_slice() {
        [one] => Ok(Arc::clone(one)),
        _ => Err(Failure::Unknown(Thing::Member)),
    }
}

/// `key` names the number to be shown.
async fn place(
    asked: &Asked<'_>,
    Pair { member, destination }: Pair,
    key: &str,
    api: &Api,
) -> Result<Value, Failure> {
    if destination.len() > DESTINATION_BYTES_MAX {
        let fault = Fault::TooLong { max: DESTINATION_BYTES_MAX };
        return Err(Failure::Wrong(vec![Wrong { key: "calling_party_b".to_owned(), fault }]));
    }
    let mut click = Click::to(destination.as_str());
    if let Some(wanted) = asked.parameters.text(key) {
        let country = asked.account.account.country;
        let wanted = PhoneNumber::parse(&wanted, country).ok();
        let own = wanted.and_then(|wanted| asked.account.number_dialled(wanted));
        let own = own.ok_or(Failure::Unknown(Thing::Deskphone))?;
        click.caller_id = Some(own.number);
    }
    let shown = ShownNumber::of(&member, (&destination, click.caller_id), &asked.account, api);
    if click.caller_id.is_some_and(|wanted| !shown.is(wanted)) {
        return Err(Failure::DeskphoneNotShown);
    }
    let placed = api.directory.click_to_call(member.id, click, &asked.caller).await;
    let call = placed.map_err(|error| match error {
        // The member is there; a directory without telephony has nothing to ring.
        Error::NotFound => Failure::NotPlaced(ClickRefused::NoDevice),
        other => other.into(),
    })?;
    Ok(success(
        Some("Call to Customer Initiate Successfully.."),
        [
            ("campid", json!(campaign_id(call))),
            ("callerid", json!(shown.number().map(shown_number).unwrap_or_default())),
        ],
    ))
}

/// A number that goes with the call, told when it is placed and when it is over; the vendor's own is
/// that of the campaign it would be.
pub(super) const fn campaign_id(call: CallId) -> u128 {
    call.0.as_u128() & CAMPAIGN_ID_MASK
}
