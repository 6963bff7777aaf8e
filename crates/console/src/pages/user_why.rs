//! "Why?": the decision policy makes about a user at a moment, with each rule passed, the setting
//! behind it, its value, who set it and when.

use std::net::IpAddr;

use askama::Template;
use axum::extract::Path;
use directory::Moment;
use domain::phone::PhoneNumber;
use domain::policy::{
    Decision, Dialled, Event, Explanation, IncomingKind, Transport, blocked_caller, explain,
};
use domain::resource::Destination;
use domain::snapshot::Snapshot;
use domain::user::{SecondFactor, User};
use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::answer::Answer;
use crate::destination;
use crate::explained::{Step, steps_of};
use crate::fields::Choice;
use crate::form::Pairs;
use crate::layout::Shell;
use crate::people::facts;
use crate::session::Signed;
use crate::user_head::UserHead;
use crate::words;

#[derive(Template)]
#[template(path = "user_why.html")]
struct WhyPage {
    shell: Shell,
    head: UserHead,
    events: Vec<Choice>,
    transports: Vec<Choice>,
    at: String,
    dialled: String,
    from: String,
    address: String,
    message: Option<String>,
    answer: Option<Answered>,
}

struct Answered {
    is_allowed: bool,
    sentence: String,
    at: String,
    steps: Vec<Step>,
    /// The caller id shown, or the second factor owed.
    besides: Option<String>,
    /// Devices are supposed, not counted.
    supposes_device: bool,
}

const EVENTS: &[(&str, &str)] = &[
    ("incoming", "An incoming call"),
    ("outgoing", "An outgoing call"),
    ("registration", "A device registering"),
    ("sign-in", "Signing in"),
];
const TRANSPORTS: &[(&str, &str)] =
    &[("udp", "UDP"), ("tcp", "TCP"), ("tls", "TLS"), ("ws", "WebSocket")];

pub(crate) async fn show(signed: Signed, Path(id): Path<String>) -> Answer {
    let user = signed.read_user(&id)?;
    let (message, answer) = match question(&signed, &user).await {
        Ok(answer) => (None, answer),
        Err(message) => (Some(message), None),
    };
    let text = |name| signed.query.text(name).unwrap_or_default().to_owned();
    let asked = signed.query.text("event").unwrap_or("incoming");
    let choices = |options: &[(&str, &str)], chosen: &str| {
        options.iter().map(|(value, label)| Choice::new(*value, *label, *value == chosen)).collect()
    };
    let page = WhyPage {
        shell: Shell::of(&signed, format!("Why? {}", user.name())),
        head: UserHead::of(&signed, &user),
        events: choices(EVENTS, asked),
        transports: choices(TRANSPORTS, signed.query.text("transport").unwrap_or("udp")),
        at: text("at"),
        dialled: text("dialled"),
        from: text("from"),
        address: text("address"),
        message,
        answer,
    };
    signed.page(&page)
}

/// The answer, where something was asked; otherwise what is wrong with the question.
async fn question(signed: &Signed, user: &User) -> Result<Option<Answered>, String> {
    if !signed.query.has("event") {
        return Ok(None);
    }
    let at = at(signed)?;
    let moment = signed.console.directory.moment(user.id, at, &signed.caller).await;
    let moment = moment.map_err(|error| match error {
        directory::Error::NotFound => "The user was not there yet at that moment.".to_owned(),
        other => crate::fault::sentence(&other),
    })?;
    let event = event(&signed.query, &moment)?;
    let (facts, _) = facts(&moment.user, &signed.console);
    let explanation = blocked(&signed.query, &moment, event)
        .unwrap_or_else(|| explain(&moment.account, &moment.user, event, facts, moment.at));
    Ok(Some(answered(signed, &moment, explanation).await))
}

/// A moment as a clock in the viewer's zone shows it; empty is now.
fn at(signed: &Signed) -> Result<Timestamp, String> {
    let Some(typed) = signed.query.text("at") else { return Ok(signed.now()) };
    let local: DateTime =
        typed.parse().map_err(|_| "The moment is no date and time.".to_owned())?;
    let zone = signed.zone().rules().clone();
    let zoned = local.to_zoned(zone).map_err(|_| "There is no such moment.".to_owned())?;
    Ok(zoned.timestamp())
}

fn event(query: &Pairs, moment: &Moment) -> Result<Event, String> {
    let address = || -> Result<Option<IpAddr>, String> {
        let Some(typed) = query.text("address") else { return Ok(None) };
        typed.parse().map(Some).map_err(|_| "The address is no IP address.".to_owned())
    };
    match query.text("event") {
        Some("outgoing") => {
            let dialled = query.text("dialled").ok_or("Say which number is dialled.")?;
            let dialled = Dialled::parse(dialled, &moment.account);
            Ok(Event::Outgoing { dialled, claimed_caller_id: from(query, moment) })
        }
        Some("registration") => {
            let address = address()?.ok_or("Say from which address the device registers.")?;
            Ok(Event::Registration { address, transport: transport(query) })
        }
        Some("sign-in") => Ok(Event::SignIn { address: address()? }),
        Some(_) | None => Ok(Event::Incoming { kind: IncomingKind::Direct }),
    }
}

fn transport(query: &Pairs) -> Transport {
    match query.text("transport") {
        Some("tcp") => Transport::Tcp,
        Some("tls") => Transport::Tls,
        Some("ws") => Transport::WebSocket,
        Some(_) | None => Transport::Udp,
    }
}

fn from(query: &Pairs, moment: &Moment) -> Option<PhoneNumber> {
    PhoneNumber::parse(query.text("from")?, moment.account.account.country).ok()
}

/// The account refuses a blocked caller before any user is asked.
fn blocked(query: &Pairs, moment: &Moment, event: Event) -> Option<Explanation> {
    match event {
        Event::Incoming { .. } => {}
        Event::Outgoing { .. } | Event::Registration { .. } | Event::SignIn { .. } => return None,
    }
    let decision = Decision::of(blocked_caller(&moment.account, from(query, moment)?, None)?);
    Some(Explanation::of(&moment.account, &moment.user, decision))
}

async fn answered(signed: &Signed, moment: &Moment, explanation: Explanation) -> Answered {
    let zone = signed.zone();
    let owed = explanation.second_factor.and_then(factor);
    let shown = explanation.presentation.and_then(presented);
    let goes_on = explanation.failover.map(|failover| goes_on(failover, &moment.account));
    Answered {
        is_allowed: explanation.decision.is_allowed(),
        sentence: explanation.decision.rule.sentence(zone).into_owned(),
        at: words::clock(moment.at, zone),
        steps: steps_of(signed, &moment.account, &moment.user, &explanation.steps).await,
        besides: owed.or(shown).or(goes_on),
        supposes_device: !facts(&moment.user, &signed.console).1,
    }
}

fn factor(factor: SecondFactor) -> Option<String> {
    match factor {
        SecondFactor::Off => None,
        SecondFactor::Email => Some("A code by e-mail is asked for.".to_owned()),
        SecondFactor::Totp => Some("A code of the authenticator app is asked for.".to_owned()),
    }
}

fn goes_on(failover: Destination, account: &Snapshot) -> String {
    match failover {
        Destination::HangUp => "A call that is not taken ends.".to_owned(),
        Destination::User(_) | Destination::Team(_) => {
            let place = destination::said(Some(failover), account);
            format!("A call that is not taken goes on to {place}.")
        }
    }
}

fn presented(presentation: domain::policy::Presentation) -> Option<String> {
    presentation.caller_id.map(|it| format!("The call shows {}.", it.number))
}
