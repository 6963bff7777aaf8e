//! REGISTER: challenge, judge, bind, answer (RFC 3261 section 10.3). Answered by the task that
//! received it; nothing here waits.

use std::borrow::Cow;
use std::sync::Arc;

use domain::extension::Extension;
use domain::policy::{Decision, RegistrationAttempt, Trace, Transport, registration};
use domain::user::User;
use jiff::{SignedDuration, Timestamp};
use sip::message::ResponseHead;
use sip::{HeaderName, Message, MessageWriter, Status, Uri};

use super::auth::{Identified, Judge, Known};
use super::contacts::{self, Unwell, Wish, WishedContact, is_outbound};
use super::{Binding, BindingEvent};
use crate::listener::Way;
use crate::refusal::reason_of;
use crate::shared::Shared;
use crate::understood::not_understood;

/// Seconds a client may leave its connection silent before we would think it gone (RFC 5626
/// section 4.4); NATs forget TCP connections after some minutes.
const FLOW_SECONDS: u32 = 120;

type Devices = Vec<Arc<Binding>>;
/// What policy says about one more device beside these.
type Decide<'a> = &'a dyn Fn(&Devices) -> Decision;

/// What a REGISTER comes to.
enum Outcome {
    Bound {
        devices: Devices,
        outbound: bool,
    },
    Unwell(Unwell),
    Refused(Decision, Arc<User>),
    /// The password was changed while this was being judged.
    PasswordChanged,
    Full,
}

/// Answers a REGISTER into `out`.
pub(crate) fn register(shared: &Shared, message: &Message, way: &Way, out: &mut Vec<u8>) {
    let tag = shared.tokens.tag();
    let answer = |out, status| {
        let head = ResponseHead { status, to_tag: &tag, source: Some(way.remote()) };
        MessageWriter::response(out, message, head)
    };
    match identify(shared, message, way) {
        Identified::UnknownDomain => drop(answer(out, Status::NOT_FOUND).finish()),
        Identified::Locked { seconds } => {
            let mut writer = answer(out, Status::SERVICE_UNAVAILABLE);
            writer.display(HeaderName::RetryAfter, seconds);
            writer.finish();
        }
        Identified::Challenge(challenge) => {
            shared.counters.challenged.add();
            let mut writer = answer(out, Status::UNAUTHORIZED);
            let randomness = (&shared.tokens, shared.moment());
            shared.auth.write(&mut writer, &challenge, (message, way.transport()), randomness);
            writer.finish();
        }
        Identified::User(known) => {
            let now = shared.now();
            let outcome = bind(shared, message, way, (&known, now));
            let mut writer = answer(out, status_of(&outcome));
            write(&mut writer, &outcome, message, now);
            writer.finish();
            count(shared, &outcome);
        }
    }
}

/// Who sent this, a user's registered addresses being known ones.
pub(crate) fn identify(shared: &Shared, message: &Message, way: &Way) -> Identified {
    let address = way.remote().ip();
    let is_known_address = |user: &User| {
        let devices = shared.bindings.of(user.serial, shared.now());
        devices.iter().any(|binding| binding.source.ip() == address)
    };
    let is_browser = way.transport() == Transport::WebSocket;
    let softphone = |name: &str| (shared.host.softphone)(name).filter(|_| is_browser);
    let deployment = (shared.host.deployment)();
    shared.auth.identify(
        message,
        &Judge {
            deployment: &deployment,
            counters: &shared.counters,
            address,
            softphone: &softphone,
            is_known_address: &is_known_address,
            now: shared.moment(),
        },
    )
}

fn bind(
    shared: &Shared,
    message: &Message,
    way: &Way,
    (known, now): (&Known, Timestamp),
) -> Outcome {
    if not_understood(message).is_some() {
        return Outcome::Unwell(Unwell::Status(Status::BAD_EXTENSION));
    }
    let wish = match contacts::wish(message, shared.config.limits.expiry) {
        Ok(wish) => wish,
        Err(unwell) => return Outcome::Unwell(unwell),
    };
    if !is_own_address(message, &known.user) {
        return Outcome::Unwell(Unwell::Status(Status::FORBIDDEN));
    }
    let mut events = Vec::new();
    let outcome = shared.bindings.with(known.user.serial, |devices| {
        let binder = Binder { shared, message, way, known, now };
        binder.bind(wish, devices, &mut events)
    });
    for event in events {
        (shared.host.bindings)(event);
    }
    outcome
}

/// The address registered is the user's own, under the name of his password or his extension.
fn is_own_address(message: &Message, user: &User) -> bool {
    let Ok(uri) = message.to().uri() else { return false };
    let Some(name) = uri.user_decoded() else { return false };
    let extension = user.telephone.extension.is_some_and(|it| Extension::parse(&name) == Ok(it));
    let digest = user.telephone.sip_digest.as_ref();
    extension || digest.is_some_and(|it| it.username() == name)
}

/// One REGISTER at work on one user's devices, under that user's lock.
struct Binder<'a> {
    shared: &'a Shared,
    message: &'a Message,
    way: &'a Way,
    known: &'a Known,
    now: Timestamp,
}

impl Binder<'_> {
    fn bind(&self, wish: Wish, devices: &mut Devices, events: &mut Vec<BindingEvent>) -> Outcome {
        // Read again, under the lock: what was published since must hold.
        let deployment = (self.shared.host.deployment)();
        let account = deployment.account(self.known.account.account.id);
        let user = account.and_then(|account| account.user_by_serial(self.known.user.serial));
        let (Some(account), Some(user)) = (account, user) else { return Outcome::PasswordChanged };
        if user.telephone.sip_digest != self.known.user.telephone.sip_digest {
            return Outcome::PasswordChanged;
        }
        devices.retain(|device| device.expires_at > self.now);
        match wish {
            Wish::List => {}
            Wish::RemoveAll => {
                if let Err(unwell) = devices.iter().try_for_each(|it| self.is_in_order(it)) {
                    return Outcome::Unwell(unwell);
                }
                events.extend(devices.drain(..).map(|it| removed(&it)));
            }
            Wish::Contacts(contacts) => {
                let decide = |others: &Devices| {
                    let attempt = RegistrationAttempt {
                        address: self.way.remote().ip(),
                        transport: self.way.transport(),
                        devices: u16::try_from(others.len()).unwrap_or(u16::MAX),
                    };
                    registration(account, user, &attempt, Trace::Off)
                };
                return self.contacts(contacts, devices, events, (user, &decide));
            }
        }
        Outcome::Bound { devices: devices.clone(), outbound: false }
    }

    fn contacts(
        &self,
        wished: Vec<WishedContact>,
        devices: &mut Devices,
        events: &mut Vec<BindingEvent>,
        (user, decide): (&Arc<User>, Decide<'_>),
    ) -> Outcome {
        let path = match contacts::path(self.message) {
            Ok(path) => path,
            Err(unwell) => return Outcome::Unwell(unwell),
        };
        let mut after = devices.clone();
        let mut changes = Vec::new();
        let mut outbound = false;
        for contact in wished {
            let position = after.iter().position(|it| self.is_same_device(it, &contact));
            let replaced = position.map(|position| after.swap_remove(position));
            if let Some(Err(unwell)) = replaced.as_deref().map(|it| self.is_in_order(it)) {
                return Outcome::Unwell(unwell);
            }
            if let Some(replaced) = &replaced
                && (contact.seconds == 0 || *replaced.contact != *contact.uri)
            {
                changes.push(removed(replaced));
            }
            if contact.seconds == 0 {
                continue;
            }
            let decision = decide(&after);
            if !decision.is_allowed() {
                return Outcome::Refused(decision, Arc::clone(user));
            }
            if replaced.is_none() && self.shared.bindings.is_full() {
                return Outcome::Full;
            }
            outbound |= path.is_empty() && is_outbound(self.message, &contact);
            let (binding, told) = self.binding(contact, path.clone(), replaced.as_deref());
            let binding = Arc::new(binding);
            if !told {
                changes.push(BindingEvent::Put(Arc::clone(&binding)));
            }
            after.push(binding);
        }
        // All or nothing (RFC 3261 section 10.3 step 7).
        devices.clone_from(&after);
        events.append(&mut changes);
        Outcome::Bound { devices: after, outbound }
    }

    /// The same contact, or the same device coming back from elsewhere: by its flow (RFC 5626
    /// section 6), and where it names none by its instance alone. A softphone that was started anew
    /// has another port, and would ring, and count, beside the ghost of its last run.
    fn is_same_device(&self, binding: &Binding, contact: &WishedContact) -> bool {
        let same_instance = binding.instance.is_some()
            && binding.instance == contact.instance
            && binding.reg_id == contact.reg_id;
        // Contacts that one REGISTER lists are different ones, whatever instance they name.
        let same_request = || {
            binding.cseq == self.message.cseq().number
                && binding.call_id.as_bytes() == self.message.call_id()
        };
        if binding.contact == contact.uri || (same_instance && !same_request()) {
            return true;
        }
        let (one, two) = (Uri::parse(&binding.contact), Uri::parse(&contact.uri));
        matches!((one, two), (Ok(one), Ok(two)) if one.is_equivalent(&two))
    }

    /// A REGISTER of the same call must have a higher number (RFC 3261 section 10.3 step 7).
    fn is_in_order(&self, device: &Binding) -> Result<(), Unwell> {
        let same_call = device.call_id.as_bytes() == self.message.call_id();
        if same_call && self.message.cseq().number <= device.cseq {
            return Err(Unwell::Status(Status::SERVER_ERROR));
        }
        Ok(())
    }

    /// The device as it is from now on, and whether the host knows it like that.
    fn binding(
        &self,
        contact: WishedContact,
        path: Box<[Box<str>]>,
        replaced: Option<&Binding>,
    ) -> (Binding, bool) {
        let user = &self.known.user;
        if let Some(stream) = self.way.stream() {
            stream.registers(user.serial);
        }
        let lasting = SignedDuration::from_secs(contact.seconds.into());
        let expires_at = self.now.saturating_add(lasting).unwrap_or(self.now);
        let mut binding = Binding {
            account: user.account,
            user: user.serial,
            contact: contact.uri,
            source: self.way.remote(),
            transport: self.way.transport(),
            path,
            call_id: String::from_utf8_lossy(self.message.call_id()).into(),
            cseq: self.message.cseq().number,
            instance: contact.instance,
            reg_id: contact.reg_id,
            q: contact.q,
            user_agent: contacts::user_agent(self.message),
            registered_at: replaced.map_or(self.now, |it| it.registered_at),
            expires_at,
            flow: self.way.stream().map(|stream| stream.id),
            password_mark: self.shared.password_mark(user),
            told_until: expires_at,
        };
        let told = replaced.filter(|before| binding.is_told_by(before));
        binding.told_until = told.map_or(expires_at, |before| before.told_until);
        (binding, told.is_some())
    }
}

fn removed(binding: &Binding) -> BindingEvent {
    BindingEvent::Removed { user: binding.user, contact: binding.contact.clone() }
}

fn status_of(outcome: &Outcome) -> Status {
    match outcome {
        Outcome::Bound { .. } => Status::OK,
        Outcome::Unwell(Unwell::Status(status)) => *status,
        Outcome::Unwell(Unwell::TooBrief(_)) => Status::INTERVAL_TOO_BRIEF,
        Outcome::Refused(..) | Outcome::PasswordChanged => Status::FORBIDDEN,
        Outcome::Full => Status::SERVICE_UNAVAILABLE,
    }
}

fn write(writer: &mut MessageWriter<'_>, outcome: &Outcome, message: &Message, now: Timestamp) {
    match outcome {
        Outcome::Bound { devices, outbound } => {
            for device in devices {
                write_contact(writer, device, now);
            }
            if message.supports("path") {
                writer.copy(message, HeaderName::Path);
            }
            if *outbound {
                writer
                    .header(HeaderName::Require, "outbound")
                    .named("Flow-Timer", FLOW_SECONDS.to_string().as_bytes());
            }
            writer.header(HeaderName::Supported, "path, outbound");
        }
        Outcome::Unwell(Unwell::TooBrief(min)) => {
            writer.display(HeaderName::MinExpires, min);
        }
        Outcome::Refused(decision, _) => {
            writer.display(HeaderName::Reason, reason_of(&decision.rule));
        }
        Outcome::Full => {
            writer.display(HeaderName::RetryAfter, crate::listener::RETRY_SECONDS);
        }
        Outcome::Unwell(Unwell::Status(Status::BAD_EXTENSION)) => {
            writer.header(HeaderName::Unsupported, not_understood(message).unwrap_or_default());
        }
        Outcome::Unwell(Unwell::Status(_)) | Outcome::PasswordChanged => {}
    }
}

fn write_contact(writer: &mut MessageWriter<'_>, device: &Binding, now: Timestamp) {
    let left = device.expires_at.duration_since(now).as_secs().max(0);
    let q = match device.q {
        1000.. => Cow::Borrowed("1.000"),
        q => format!("0.{q:03}").into(),
    };
    let (instance_is, instance, instance_ends) = match &device.instance {
        Some(instance) => (";+sip.instance=\"<", &**instance, ">\""),
        None => ("", "", ""),
    };
    let reg_id = device.instance.as_ref().and(device.reg_id);
    let reg_id = reg_id.map(|id| format!(";reg-id={id}")).unwrap_or_default();
    let (left, contact) = (left.to_string(), &*device.contact);
    writer.parts(
        HeaderName::Contact,
        &[
            "<",
            contact,
            ">;expires=",
            &left,
            ";q=",
            &q,
            instance_is,
            instance,
            instance_ends,
            &reg_id,
        ],
    );
}

fn count(shared: &Shared, outcome: &Outcome) {
    match outcome {
        Outcome::Bound { .. } => shared.counters.registered.add(),
        Outcome::Refused(decision, user) => {
            shared.counters.refused.add();
            tracing::debug!(
                user = user.serial.0,
                rule = decision.rule.word(),
                "refused to register"
            );
        }
        Outcome::Full => shared.counters.shed.add(),
        Outcome::Unwell(_) | Outcome::PasswordChanged => {}
    }
}
