//! What an account owns besides users: the collections of the API, each with its table of fields.
//! What the API does with all of them alike is in `resources`.

use domain::resource::{ResourceKind, TeamKind};

use super::fields::{Absent, Field, FieldAccess, PHONE, Shape};

/// One collection.
#[derive(Debug)]
pub struct Kind {
    /// The segment of its path.
    pub path: &'static str,
    pub kind: ResourceKind,
    /// Three collections share a kind; a team belongs to one.
    pub team: Option<TeamKind>,
    /// In a sentence: "a number".
    pub one: &'static str,
    /// In a sentence: "numbers".
    pub many: &'static str,
    /// The name of its schema.
    pub schema: &'static str,
    pub fields: &'static [Field],
}

/// Every collection.
pub const KINDS: &[Kind] = &[
    Kind {
        path: "numbers",
        kind: ResourceKind::Number,
        team: None,
        one: "a number",
        many: "numbers",
        schema: "Number",
        fields: NUMBER,
    },
    Kind {
        path: "groups",
        kind: ResourceKind::Team,
        team: Some(TeamKind::Group),
        one: "a group",
        many: "groups",
        schema: "Team",
        fields: TEAM,
    },
    Kind {
        path: "skill-groups",
        kind: ResourceKind::Team,
        team: Some(TeamKind::SkillGroup),
        one: "a skill group",
        many: "skill groups",
        schema: "Team",
        fields: TEAM,
    },
    Kind {
        path: "desks",
        kind: ResourceKind::Team,
        team: Some(TeamKind::Desk),
        one: "a desk",
        many: "desks",
        schema: "Team",
        fields: TEAM,
    },
    Kind {
        path: "roles",
        kind: ResourceKind::Role,
        team: None,
        one: "a role",
        many: "roles",
        schema: "Role",
        fields: ROLE,
    },
    Kind {
        path: "credentials",
        kind: ResourceKind::Credential,
        team: None,
        one: "a credential",
        many: "credentials",
        schema: "Credential",
        fields: CREDENTIAL,
    },
    Kind {
        path: "trunks",
        kind: ResourceKind::Trunk,
        team: None,
        one: "a trunk",
        many: "trunks",
        schema: "Trunk",
        fields: TRUNK,
    },
    Kind {
        path: "blocked-numbers",
        kind: ResourceKind::BlockedNumber,
        team: None,
        one: "a blocked number",
        many: "blocked numbers",
        schema: "BlockedNumber",
        fields: BLOCKED_NUMBER,
    },
    Kind {
        path: "shift-templates",
        kind: ResourceKind::ShiftTemplate,
        team: None,
        one: "a shift template",
        many: "shift templates",
        schema: "ShiftTemplate",
        fields: SHIFT_TEMPLATE,
    },
    Kind {
        path: "webhooks",
        kind: ResourceKind::Webhook,
        team: None,
        one: "a webhook",
        many: "webhooks",
        schema: "Webhook",
        fields: WEBHOOK,
    },
];

const VOICES: &[&str] = &["native", "callerdesk", "telecmi", "acefone", "smartflo", "commpeak"];
const SECOND_FACTORS: &[&str] = &["off", "email", "totp"];
const STRATEGIES: &[&str] =
    &["parallel", "sequential", "round_robin", "random", "least_busy", "longest_idle"];
const FORMATS: &[&str] = &["rollcall", "callerdesk", "telecmi", "acefone", "smartflo", "commpeak"];

const fn read_only(name: &'static str, shape: Shape, about: &'static str) -> Field {
    let access = FieldAccess::ReadOnly;
    Field { name, shape, expected: "", access, absent: Absent::Null, about }
}

const fn field(
    name: &'static str,
    (shape, expected): (Shape, &'static str),
    absent: Absent,
    about: &'static str,
) -> Field {
    Field { name, shape, expected, access: FieldAccess::ReadWrite, absent, about }
}

const fn at_creation(field: Field) -> Field {
    Field { access: FieldAccess::AtCreation, ..field }
}

const fn secret(field: Field) -> Field {
    Field { access: FieldAccess::Secret, ..field }
}

type Values = (Shape, &'static str);

const TEXT: Values = (Shape::Text, "a text");
const NAME: Values = (Shape::Text, "a name");
const FLAG: Values = (Shape::Flag, "true or false");
const WHOLE: Values = (Shape::Number, "a whole number");
const AN_ID: Values = (Shape::Id, "an id");
const IDS: Values = (Shape::Ids, "a list of ids");
const TIME: Values = (Shape::Time, "a time such as 2026-01-31T12:00:00Z");
const NETWORKS: Values = (Shape::Texts, "a list of IP addresses or networks");
const WHERE_TO: Values =
    (Shape::Named("Destination"), "a destination such as {\"type\":\"user\",\"id\":\"…\"}");
const SHIFT: Values = (Shape::Named("Shift"), "a shift of rows and exceptions");
const FACTOR: Values = (Shape::Words(SECOND_FACTORS), "one of off, email, totp");
const REQUIRED_NAME: Field = field("name", NAME, Absent::Required("\"-\""), "What people call it.");
const ID: Field = read_only("id", Shape::Id, "Given once, never used again.");
const SERIAL: Field = read_only("serial", Shape::Number, "The decimal id that vendors' APIs use.");
const VERSION: Field = read_only("version", Shape::Number, "Counts up with every change.");
const CREATED_AT: Field = read_only("created_at", Shape::Time, "When it was created.");

#[rustfmt::skip] // One field, one line.
const NUMBER: &[Field] = &[
    ID, SERIAL, VERSION,
    field("number", (Shape::Named(PHONE), "a telephone number"), Absent::Required("\"+919876543210\""), "In E.164; a national number is read from the account's country."),
    field("name", NAME, Absent::Null, "What people call it."),
    field("description", TEXT, Absent::Null, "For people."),
    field("destination", WHERE_TO, Absent::Null, "Where calls to it ring; without one they are refused."),
];

#[rustfmt::skip] // One field, one line.
const TEAM: &[Field] = &[
    ID, SERIAL, VERSION, REQUIRED_NAME,
    field("description", TEXT, Absent::Null, "For people."),
    field("extension", (Shape::Text, "2 to 8 digits, optionally after a *"), Absent::Null, "Dialled from inside."),
    field("strategy", (Shape::Words(STRATEGIES), "one of parallel, sequential, round_robin, random, least_busy, longest_idle"), Absent::Word("parallel"), "In which order members are rung."),
    field("ring_seconds", WHOLE, Absent::Number(20), "How long each member rings."),
    field("order", IDS, Absent::List, "Members in their order; others follow."),
    read_only("members", Shape::Ids, "Users who belong to it, by their own settings."),
    field("hours", SHIFT, Absent::Null, "When it takes calls; without, always."),
    field("failover", WHERE_TO, Absent::Null, "Where calls go that nobody answered."),
];

#[rustfmt::skip] // One field, one line.
const ROLE: &[Field] = &[
    ID, SERIAL, VERSION, REQUIRED_NAME,
    field("permissions", (Shape::Permissions, "a list of permissions"), Absent::Required("[]"), "What its users and credentials may do."),
    read_only("built_in", Shape::Words(&["administrator", "regular"]), "Set for the two roles every account has, which cannot be changed."),
    field("two_factor", FACTOR, Absent::Null, "Second factor for users of the role who have not chosen their own."),
];

#[rustfmt::skip] // One field, one line.
const CREDENTIAL: &[Field] = &[
    ID, SERIAL, VERSION, REQUIRED_NAME,
    at_creation(field("voice", (Shape::Words(VOICES), "one of native, callerdesk, telecmi, acefone, smartflo, commpeak"), Absent::Word("native"), "The API it opens.")),
    field("role", AN_ID, Absent::Required("\"00000000-0000-0000-0000-000000000000\""), "What it may do at most."),
    field("scope", (Shape::Permissions, "a list of permissions"), Absent::Null, "Narrows the role."),
    field("networks", NETWORKS, Absent::List, "Where it may be used from; empty is anywhere."),
    field("expires_at", TIME, Absent::Null, "When it stops working; null is never."),
    CREATED_AT,
    read_only("last_used_at", Shape::Time, "When it was last shown since the server started."),
    read_only("app_id", Shape::Number, "TeleCMI's app id; null for other voices."),
    read_only("username", Shape::Text, "CommPeak's user name; null for other voices."),
];

#[rustfmt::skip] // One field, one line.
const TRUNK: &[Field] = &[
    ID, SERIAL, VERSION, REQUIRED_NAME,
    field("host", (Shape::Text, "a host name or address"), Absent::Required("\"localhost\""), "Host name or address, optionally with a port."),
    field("transport", (Shape::Words(&["udp", "tcp", "tls"]), "one of udp, tcp, tls"), Absent::Word("udp"), "What carries its messages."),
    field("username", TEXT, Absent::Null, "For peers that challenge us."),
    secret(field("password", TEXT, Absent::Null, "For peers that challenge us.")),
    field("networks", NETWORKS, Absent::List, "Addresses its calls come from."),
    field("calls_max", WHOLE, Absent::Number(0), "Calls at once; 0 is no limit."),
    field("active", FLAG, Absent::Flag(true), "Whether calls go over it."),
];

#[rustfmt::skip] // One field, one line.
const BLOCKED_NUMBER: &[Field] = &[
    ID, SERIAL, VERSION,
    field("number", (Shape::Text, "a telephone number"), Absent::Required("\"100\""), "Whose calls are refused; compared on the national part."),
    field("numbers", IDS, Absent::List, "Calls to these numbers only; empty: to all."),
    CREATED_AT,
];

#[rustfmt::skip] // One field, one line.
const SHIFT_TEMPLATE: &[Field] = &[
    ID, SERIAL, VERSION, REQUIRED_NAME,
    field("shift", SHIFT, Absent::Required("{}"), "The hours; users copy them."),
];

#[rustfmt::skip] // One field, one line.
const WEBHOOK: &[Field] = &[
    ID, SERIAL, VERSION, REQUIRED_NAME,
    field("url", (Shape::Text, "an http or https address"), Absent::Required("\"https://example.com/\""), "Where events are sent."),
    secret(field("secret", TEXT, Absent::Null, "Signs each delivery; made and told once where none is given.")),
    field("format", (Shape::Words(FORMATS), "one of rollcall, callerdesk, telecmi, acefone, smartflo, commpeak"), Absent::Word("rollcall"), "Our own events, or a vendor's payload."),
    field("events", (Shape::Texts, "a list of event names"), Absent::List, "Which events; empty: all."),
    field("active", FLAG, Absent::Flag(true), "Whether events are sent."),
];

/// The account's own fields.
#[rustfmt::skip] // One field, one line.
pub const ACCOUNT: &[Field] = &[
    ID, SERIAL, VERSION, REQUIRED_NAME,
    field("country", (Shape::Text, "a country code of two letters"), Absent::Required("\"IN\""), "National numbers are read from here."),
    field("time_zone", (Shape::Text, "a time zone such as Asia/Kolkata"), Absent::Required("\"UTC\""), "For users who have none of their own."),
    CREATED_AT,
    read_only("realm", Shape::Text, "SIP domain and digest realm."),
    read_only("active", Shape::Flag, "Switched by the operator."),
    field("default_caller_id", AN_ID, Absent::Null, "Shown on calls of users who have no number of their own."),
    field("two_factor", FACTOR, Absent::Null, "Second factor for users whose role asks for none."),
    field("emergency_numbers", (Shape::Texts, "a list of numbers"), Absent::List, "Numbers anyone may dial, besides the country's own."),
    field("dialects", (Shape::Named("DialectSwitches"), "an object of switches"), Absent::Object, "Where a vendor's documents and service disagree."),
];
