//! CallerDesk, v1 and v2: one API under `api/`, its pages apart only in the suffix of their paths.
//! Not its contacts, notifications, member analysis, sender ids, prompts and broadcasts: they are
//! answered as unknown paths.
//!
//! Update member: <https://api.callerdesk.io/v2/update-member>, read 2026-11. Quirks: parameters
//! are documented as headers and sent as forms, JSON and query strings; the one key of an account
//! stands in any of six places; errors are 200; `active` on one page is `status` on the next; a
//! number is listed with a leading 0 and sent without; paths are written with any capitals; the
//! page marks seven parameters as required, and the vendor's own app sends four.

mod account;
mod call_news;
mod call_report;
mod calls;
mod envelope;
mod fields;
mod group;
mod group_edit;
mod groups;
mod members;
mod presence;
mod request;
mod routing;
mod schedule;
mod session;
mod trail;

use axum::http::Method;
use domain::credential::Voice;
use serde_json::Value;

pub(crate) use self::call_news::call_news;
use self::envelope::Failure;
use self::request::{Asked, Parameters};
use super::route::{Route, Routed, route};
use super::{Answer, Dialect};
use crate::reply::Reply;
use crate::request::Incoming;
use crate::state::Api;

pub const CALLERDESK: Dialect = Dialect {
    mount: "callerdesk",
    voice: Voice::CallerDesk,
    answer: |api, incoming| -> Answer { Box::pin(async move { answer(&api, &incoming).await }) },
    too_many_pairs: |_| envelope::failure(&Failure::TooManyPairs),
    fields: fields::ALL,
    title: "CallerDesk",
    url: "https://api.callerdesk.io/v2/update-member",
    differs: &[
        "Refusals are 200 with `type` `error`, as with the vendor; other statuses are for a \
         body that cannot be read (400) or is too large (413), an unknown path (404), a wrong \
         method (405), too many attempts (429) and faults (5xx).",
        "`message` is the vendor's, and tells one thing. Where that does not name every bad \
         parameter, `errors` does. Nothing is changed.",
        "Absent and empty parameters of an update leave what is stored, though the page marks \
         seven as required; an account's `callerdesk_strict` requires them. Adding a member \
         needs `member_name`, `member_num`, `access` and `active`.",
        "`member_num` is compared by its last ten digits and changes nothing; another number \
         is refused. A member who has none may be given one.",
        "Passwords are shown as an empty text.",
        "Hours are the group's: `business_hours`, `day`, `starttime` and `endtime`. A member \
         has none. `bussiness_hours`, as the vendor's app writes it, means the same: 0 is \
         always, 1 is custom. Holidays and hours that differ by day stay what they are.",
        "`per_page` is at most 5,000, and 1,000 in the activity trail; more is refused.",
        "Not served, and answered as unknown paths: contacts (`savecontact_v2`, \
         `editContact_v2`, `deleteContact`, `contact_list_v2`), the notification list and its \
         update, the member analysis report, sender ids, prompts and broadcasts.",
    ],
};

/// What a client may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    SignIn,
    AddMember,
    UpdateMember,
    DeleteMember,
    ListMembers,
    AgentStatus,
    WorkingStatus,
    Deskphones,
    ListGroups,
    CreateGroup,
    UpdateGroup,
    Group,
    GroupSchedule,
    RemoveGroupMember,
    DeleteGroup,
    BlockNumber,
    UnblockNumber,
    BlockedNumbers,
    ActivityTrail,
    Profile,
    CallReport,
    CallRouting,
    LiveCalls,
    CallByNumber,
    CallReversed,
    CallById,
    CallSingleLeg,
}

const fn post(path: &'static str, operation: Operation) -> Route<Operation> {
    Route { method: Method::POST, path, operation }
}

const fn get(path: &'static str, operation: Operation) -> Route<Operation> {
    Route { method: Method::GET, path, operation }
}

/// Behind `api/` or `api_v2/`; without regard to capitals.
const ROUTES: &[Route<Operation>] = &[
    post("signin", Operation::SignIn),
    post("addmember_v2", Operation::AddMember),
    post("addmember", Operation::AddMember),
    post("updatemember_v2", Operation::UpdateMember),
    post("updatemember", Operation::UpdateMember),
    post("deletemember_v2", Operation::DeleteMember),
    post("deletemember", Operation::DeleteMember),
    post("getmemberlist_v2", Operation::ListMembers),
    post("getmemberlist", Operation::ListMembers),
    post("changeagentstatus", Operation::AgentStatus),
    get("update-working-status-v3", Operation::WorkingStatus),
    post("getdeskphone_v2", Operation::Deskphones),
    post("getdeskphone", Operation::Deskphones),
    post("getgrouplist_v2", Operation::ListGroups),
    post("getgrouplist", Operation::ListGroups),
    post("createcallgroup", Operation::CreateGroup),
    post("updategroup_v2", Operation::UpdateGroup),
    post("updategroup", Operation::UpdateGroup),
    post("getgroupbyid_v2", Operation::Group),
    post("getgroupbyid", Operation::Group),
    post("getgroupschedule", Operation::GroupSchedule),
    post("delete_user_call_group", Operation::RemoveGroupMember),
    post("deletegroup", Operation::DeleteGroup),
    post("block_number", Operation::BlockNumber),
    post("unblock_number", Operation::UnblockNumber),
    post("getblocknumber", Operation::BlockedNumbers),
    post("activity_trail_v2", Operation::ActivityTrail),
    post("activity_trail", Operation::ActivityTrail),
    post("profile_billing_v2", Operation::Profile),
    post("profile_billing", Operation::Profile),
    post("call_list_v2", Operation::CallReport),
    post("call_list", Operation::CallReport),
    // The vendor's own app asks for its list of calls under this name.
    post("app_call_list_v2", Operation::CallReport),
    post("app_call_list", Operation::CallReport),
    post("getroutingdetail_v2", Operation::CallRouting),
    post("getroutingdetail", Operation::CallRouting),
    get("live_call_v2", Operation::LiveCalls),
    get("live_call", Operation::LiveCalls),
    get("click_to_call_v2", Operation::CallByNumber),
    get("click_to_call", Operation::CallByNumber),
    get("click_to_call_v3", Operation::CallReversed),
    get("click_to_call_v4", Operation::CallById),
    post("singleleg-clicktocall", Operation::CallSingleLeg),
];

async fn answer(api: &Api, incoming: &Incoming) -> Reply {
    let path = below_api(&incoming.path);
    match route(ROUTES, &incoming.method, path, false) {
        Routed::Found(operation, _) => match Parameters::read(incoming).await {
            Ok(parameters) => operate(operation, parameters, incoming, api).await,
            Err(failure) => envelope::failure(&failure),
        },
        Routed::WrongMethod(methods) => {
            let methods = methods.into_iter().cloned().collect();
            envelope::failure(&Failure::WrongMethod(methods))
        }
        Routed::Unknown => envelope::failure(&Failure::UnknownPath),
    }
}

/// The operation's own path; clients that have `api/` in their base URL and those that have not
/// are served alike.
fn below_api(path: &str) -> &str {
    match path.split_once('/') {
        Some((first, below))
            if ["api", "api_v2"].iter().any(|it| first.eq_ignore_ascii_case(it)) =>
        {
            below
        }
        Some(_) | None => path,
    }
}

async fn operate(
    operation: Operation,
    parameters: Parameters<'_>,
    incoming: &Incoming,
    api: &Api,
) -> Reply {
    if operation == Operation::SignIn {
        let signed_in = session::sign_in(&parameters, incoming.address, api).await;
        return signed_in.unwrap_or_else(|failure| envelope::failure(&failure));
    }
    let recognised = request::recognise(&parameters, api).and_then(|caller| {
        let account = api.directory.account(&caller)?;
        Ok(Asked { parameters, caller, account })
    });
    let asked = match recognised {
        Ok(asked) => asked,
        Err(failure) => return envelope::failure(&failure),
    };
    let reply = match done(operation, &asked, api).await {
        Ok(body) => Reply::ok(body),
        Err(failure) => envelope::failure(&failure),
    };
    envelope::labelled(reply, &asked.account).to(&asked.caller)
}

async fn done(operation: Operation, asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    match operation {
        Operation::SignIn => Err(Failure::UnknownPath),
        Operation::AddMember => members::add(asked, api).await,
        Operation::UpdateMember => members::update(asked, api).await,
        Operation::DeleteMember => members::delete(asked, api).await,
        Operation::ListMembers => members::list(asked),
        Operation::AgentStatus => presence::agent_status(asked, api).await,
        Operation::WorkingStatus => presence::working_status(asked, api).await,
        Operation::Deskphones => account::deskphones(asked),
        Operation::ListGroups => groups::list(asked),
        Operation::CreateGroup => groups::create(asked, api).await,
        Operation::UpdateGroup => groups::update(asked, api).await,
        Operation::Group => groups::one(asked),
        Operation::GroupSchedule => groups::schedule(asked),
        Operation::RemoveGroupMember => groups::remove_member(asked, api).await,
        Operation::DeleteGroup => groups::delete(asked, api).await,
        Operation::BlockNumber => account::block(asked, api).await,
        Operation::UnblockNumber => account::unblock(asked, api).await,
        Operation::BlockedNumbers => account::blocked(asked),
        Operation::ActivityTrail => trail::list(asked, api).await,
        Operation::Profile => account::profile(asked),
        Operation::CallReport => call_report::list(asked, api).await,
        Operation::CallRouting => routing::of_call(asked, api).await,
        Operation::LiveCalls => calls::live(asked, api).await,
        Operation::CallByNumber => calls::by_number(asked, api).await,
        Operation::CallReversed => calls::reversed(asked, api).await,
        Operation::CallById => calls::by_id(asked, api).await,
        Operation::CallSingleLeg => calls::single_leg(asked, api).await,
    }
}
