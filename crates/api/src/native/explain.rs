//! Why an event is decided as it is, now or at an earlier moment; and who made it so.
//! The decision is policy's; this finds the user as he was and the change behind the setting.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use directory::{Error, Moment};
use domain::phone::PhoneNumber;
use domain::policy::{
    Decision, Dialled, Event, Explanation, IncomingKind, Transport, UserFacts, blocked_caller,
    explain,
};
use jiff::Timestamp;

use super::answer::json;
use super::asked::Asked;
use super::changes::TIME;
use super::explain_shown::write_explanation;
use super::problem::Problem;
use super::users::named;

pub(crate) async fn read(asked: &Asked) -> Result<Response<Body>, Problem> {
    let moment = moment(asked).await?;
    let facts = facts(asked, &moment)?;
    let (name, event) = event(asked, &moment)?;
    let explanation = blocked(asked, &moment, event)
        .unwrap_or_else(|| explain(&moment.account, &moment.user, event, facts, moment.at));
    let setting = explanation.steps.last().and_then(|step| step.setting);
    let set_by = match setting {
        Some(setting) => {
            let directory = asked.directory();
            directory.who_set(&moment.user, &[setting], &asked.caller).await?.into_iter().next()
        }
        None => None,
    };
    let mut out = Vec::new();
    write_explanation(&mut out, &moment, name, facts, (&explanation, set_by.flatten().as_ref()));
    Ok(json(StatusCode::OK, out))
}

/// The user and the account's own settings as they were; what else the account owns is as it is.
async fn moment(asked: &Asked) -> Result<Moment, Problem> {
    let user = named(asked, &*asked.account()?)?.id;
    let at = asked.parsed("at", TIME, |text| text.parse().ok())?;
    let found = asked.directory().moment(user, at.unwrap_or(Timestamp::MAX), &asked.caller).await;
    let moment = found.map_err(|error| match error {
        Error::NotFound => Problem::parameter("at", "is before the user was created"),
        other => other.into(),
    })?;
    let now = asked.directory().clock().now();
    Ok(Moment { at: at.unwrap_or(now), ..moment })
}

/// What no setting says: as it is, unless the client says what he wants to suppose.
fn facts(asked: &Asked, moment: &Moment) -> Result<UserFacts, Problem> {
    let directory = asked.directory();
    let now = directory.facts(&moment.user).unwrap_or_default();
    let count = |name, now| {
        let supposed = asked.number(name, u16::MAX.into())?;
        Ok::<_, Problem>(supposed.map_or(now, |it| u16::try_from(it).unwrap_or(u16::MAX)))
    };
    let signed_in = || directory.is_signed_in(moment.user.id);
    Ok(UserFacts {
        devices: count("devices", now.devices)?,
        calls: count("calls", now.calls)?,
        web_session: asked.flag("signed_in")?.unwrap_or_else(signed_in),
    })
}

fn event(asked: &Asked, moment: &Moment) -> Result<(&'static str, Event), Problem> {
    match asked.query("event").as_deref() {
        Some("incoming") => {
            Ok(("incoming", Event::Incoming { kind: incoming_kind(asked, moment) }))
        }
        Some("outgoing") => Ok(("outgoing", outgoing(asked, moment)?)),
        Some("registration") => Ok(("registration", registration(asked)?)),
        Some("sign-in") => {
            let address = asked.parsed("address", "an IP address", |text| text.parse().ok())?;
            Ok(("sign-in", Event::SignIn { address }))
        }
        Some(_) | None => {
            let detail = "must be one of incoming, outgoing, registration, sign-in";
            Err(Problem::parameter("event", detail))
        }
    }
}

/// A call to his predictive extension comes from a dialer.
fn incoming_kind(asked: &Asked, moment: &Moment) -> IncomingKind {
    let dialled = asked.query("dialled").map(|text| Dialled::parse(&text, &moment.account));
    match dialled {
        Some(Dialled::Extension { user, kind }) if user == moment.user.id => kind,
        Some(Dialled::Team(_)) => IncomingKind::ThroughTeam,
        Some(
            Dialled::Emergency
            | Dialled::Extension { .. }
            | Dialled::Number { .. }
            | Dialled::Nothing,
        )
        | None => IncomingKind::Direct,
    }
}

fn outgoing(asked: &Asked, moment: &Moment) -> Result<Event, Problem> {
    let dialled = asked.query("dialled");
    let dialled = dialled.ok_or_else(|| Problem::parameter("dialled", "must have a value"))?;
    Ok(Event::Outgoing {
        dialled: Dialled::parse(&dialled, &moment.account),
        claimed_caller_id: from(asked, moment),
    })
}

fn from(asked: &Asked, moment: &Moment) -> Option<PhoneNumber> {
    PhoneNumber::parse(&asked.query("from")?, moment.account.account.country).ok()
}

fn registration(asked: &Asked) -> Result<Event, Problem> {
    let address = asked.parsed("address", "an IP address", |text| text.parse().ok())?;
    let address = address.ok_or_else(|| Problem::parameter("address", "must have a value"))?;
    let transport = asked.parsed("transport", "one of udp, tcp, tls, ws", |text| match text {
        "udp" => Some(Transport::Udp),
        "tcp" => Some(Transport::Tcp),
        "tls" => Some(Transport::Tls),
        "ws" | "wss" => Some(Transport::WebSocket),
        _ => None,
    })?;
    Ok(Event::Registration { address, transport: transport.unwrap_or(Transport::Udp) })
}

/// The account refuses a blocked caller before any user is asked.
fn blocked(asked: &Asked, moment: &Moment, event: Event) -> Option<Explanation> {
    match event {
        Event::Incoming { .. } => {}
        Event::Outgoing { .. } | Event::Registration { .. } | Event::SignIn { .. } => return None,
    }
    let account = &moment.account;
    let dialled = asked.query("dialled");
    let dialled = dialled.and_then(|it| PhoneNumber::parse(&it, account.account.country).ok());
    let number = dialled.and_then(|dialled| account.number_dialled(dialled)).map(|it| it.id);
    let decision = Decision::of(blocked_caller(account, from(asked, moment)?, number)?);
    Some(Explanation::of(account, &moment.user, decision))
}
