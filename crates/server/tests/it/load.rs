//! "Answered means enforced" under load: while phones register and call, a thousand random changes go
//! through the API, and what follows each answer obeys it already. No assertion about time.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sip::Method;

use crate::harness::{Folder, Running, text};
use crate::softphone::{Softphone, code};

/// Changes in all, dealt out to the threads that make and probe them.
const CHANGES: u32 = 1_000;
const PROBERS: u32 = 4;
/// Users of one prober whose settings change.
const SUBJECTS: u32 = 5;
/// Phones of the load that register again and again, and pairs that call.
const REGISTERING: u32 = 50;
/// The load's rates a second, at most: a debug build on a busy machine may carry less.
const REGISTRATIONS_PER_SECOND: u32 = 200;
const CALLS_PER_SECOND: u32 = 50;
/// What the load must have done while the changes were made.
const REGISTRATIONS_MIN: u32 = 1_000;
const CALLS_MIN: u32 = 250;

/// Extensions: probers' colleagues and subjects, then the load's phones and its pair.
const COLLEAGUES: u32 = 3_000;
const SUBJECTS_FROM: u32 = 4_000;
const REGISTERING_FROM: u32 = 5_000;
const PAIR_FROM: u32 = 6_000;

const BUSY: u16 = 486;

/// Addresses wrong passwords come from: each its own, so that guessing is not what is refused.
static STRANGERS: AtomicU32 = AtomicU32::new(0);

#[test]
fn whatever_changes_under_load_is_obeyed_when_it_is_answered() {
    let folder = Folder::new();
    let demo = Running::demo(&folder.path("data"));
    let users = (0..PROBERS)
        .map(|prober| COLLEAGUES + prober)
        .chain((0..PROBERS * SUBJECTS).map(|subject| SUBJECTS_FROM + subject))
        .chain((0..REGISTERING).map(|phone| REGISTERING_FROM + phone))
        .chain([PAIR_FROM, PAIR_FROM + 1]);
    create(&demo, users);
    let over = AtomicBool::new(false);
    let (registrations, calls) = thread::scope(|scope| {
        let registering = scope.spawn(|| register_on_and_on(&demo, &over));
        let calling = scope.spawn(|| call_on_and_on(&demo, &over));
        let demo = &demo;
        let probing: Vec<_> =
            (0..PROBERS).map(|prober| scope.spawn(move || probe(demo, prober))).collect();
        let probed: Vec<_> = probing.into_iter().map(thread::ScopedJoinHandle::join).collect();
        // The load ends even where a prober has found something, so that its words are read.
        over.store(true, Ordering::Release);
        let done = (registering.join().unwrap(), calling.join().unwrap());
        let changes: u32 = probed.into_iter().map(Result::unwrap).sum();
        assert_eq!(changes, CHANGES);
        done
    });
    assert!(registrations >= REGISTRATIONS_MIN && calls >= CALLS_MIN, "{registrations}, {calls}");
}

fn create(demo: &Running, extensions: impl Iterator<Item = u32>) {
    let user = |extension: u32| {
        let extension = extension.to_string();
        let sip_password = first_password(&extension);
        json!({ "create": { "name": extension, "extension": extension, "sip_password": sip_password } })
    };
    let rows: Vec<_> = extensions.map(user).collect();
    let body = json!({ "mode": "together", "rows": rows });
    let (status, answer) = demo.ask("POST", "/api/v1/users/bulk", &body);
    assert_eq!(status, 200, "{answer}");
}

fn first_password(extension: &str) -> String {
    format!("Quiet-harbour-{extension}!")
}

fn sip(demo: &Running) -> SocketAddr {
    demo.text("/sip").parse().unwrap()
}

fn phone(demo: &Running, address: &str, extension: u32) -> Softphone {
    let extension = extension.to_string();
    Softphone::at(address, sip(demo), (&extension, &first_password(&extension)))
}

/// Phones register in turn until it is over and enough; how often.
fn register_on_and_on(demo: &Running, over: &AtomicBool) -> u32 {
    let phones = (0..REGISTERING).map(|at| phone(demo, "127.0.0.1", REGISTERING_FROM + at));
    let mut phones: Vec<_> = phones.collect();
    let start = Instant::now();
    let mut done = 0;
    for at in (0..phones.len()).cycle() {
        if over.load(Ordering::Acquire) && done >= REGISTRATIONS_MIN {
            break;
        }
        assert_eq!(phones[at].register(), 200);
        done += 1;
        keep_to(start, done, REGISTRATIONS_PER_SECOND);
    }
    done
}

/// Two talk with each other again and again until it is over and enough; how often.
fn call_on_and_on(demo: &Running, over: &AtomicBool) -> u32 {
    let mut caller = phone(demo, "127.0.0.1", PAIR_FROM);
    let mut callee = phone(demo, "127.0.0.1", PAIR_FROM + 1);
    assert_eq!((caller.register(), callee.register()), (200, 200));
    let start = Instant::now();
    let mut done = 0;
    while !over.load(Ordering::Acquire) || done < CALLS_MIN {
        let invite = caller.call(&(PAIR_FROM + 1).to_string());
        callee.pick_up();
        let answer = caller.answered(&invite);
        callee.expect(Method::Ack);
        caller.hang_up(&invite, &answer);
        callee.ended();
        assert_eq!(code(&caller.answer()), 200);
        done += 1;
        keep_to(start, done, CALLS_PER_SECOND);
    }
    done
}

#[expect(clippy::disallowed_methods, reason = "a load keeps to real time")]
fn keep_to(start: Instant, done: u32, per_second: u32) {
    let due = Duration::from_secs(1) * done / per_second;
    thread::sleep(due.saturating_sub(start.elapsed()));
}

/// What a subject's settings say; the model each answer of the server is held against.
struct Subject {
    id: String,
    extension: String,
    phone: Softphone,
    password: String,
    /// Changes of the password so far.
    passwords: u32,
    active: bool,
    disabled: bool,
    blocked: bool,
    /// Calls only with a web session, which none of them has.
    web_only: bool,
    deleted: bool,
    version: u64,
}

/// Makes a prober's share of the changes, and looks at the phones after each; how many.
fn probe(demo: &Running, prober: u32) -> u32 {
    let mut colleague = phone(demo, "127.0.0.1", COLLEAGUES + prober);
    assert_eq!(colleague.register(), 200);
    let mut subjects: Vec<_> =
        (0..SUBJECTS).map(|at| Subject::new(demo, prober * SUBJECTS + at)).collect();
    let mut dice = Dice(u64::from(prober) + 1);
    let changes = CHANGES / PROBERS;
    for _ in 0..changes {
        let subject = &mut subjects[dice.below(SUBJECTS) as usize];
        let change = subject.change(demo, &mut dice);
        subject.is_obeyed(demo, &mut colleague, &change);
    }
    changes
}

impl Subject {
    fn new(demo: &Running, at: u32) -> Self {
        let extension = (SUBJECTS_FROM + at).to_string();
        let phone = phone(demo, "127.0.0.1", SUBJECTS_FROM + at);
        let (_, user) =
            demo.ask("GET", &format!("/api/v1/users/extension:{extension}"), &Value::Null);
        Self {
            password: first_password(&extension),
            id: text(&user, "/id"),
            version: user["version"].as_u64().unwrap(),
            extension,
            phone,
            passwords: 0,
            active: true,
            disabled: false,
            blocked: false,
            web_only: false,
            deleted: false,
        }
    }

    /// Makes one random change and returns once it is answered, with what was asked.
    fn change(&mut self, demo: &Running, dice: &mut Dice) -> String {
        let user = format!("/api/v1/users/{}", self.id);
        let (method, path, body) = if self.deleted {
            self.deleted = false;
            ("POST", format!("{user}/restore"), json!({ "version": self.version - 1 }))
        } else if dice.below(8) == 0 {
            self.deleted = true;
            ("DELETE", user, Value::Null)
        } else {
            ("PATCH", user, self.patch(dice))
        };
        let (status, answer) = demo.ask(method, &path, &body);
        assert_eq!(status, 200, "{method} {path} {body}: {answer}");
        self.version = answer["version"].as_u64().unwrap();
        format!("{method} {path} {body}")
    }

    fn patch(&mut self, dice: &mut Dice) -> Value {
        let flip = |flag: &mut bool| {
            *flag = !*flag;
            *flag
        };
        match dice.below(5) {
            0 => json!({ "active": flip(&mut self.active) }),
            1 => json!({ "agent_disabled": flip(&mut self.disabled) }),
            2 => json!({ "calls_blocked": flip(&mut self.blocked) }),
            3 => json!({ "login_required": flip(&mut self.web_only) }),
            _ => {
                self.passwords += 1;
                self.password = format!("Another-petal-{}-{}!", self.extension, self.passwords);
                json!({ "sip_password": self.password })
            }
        }
    }

    /// REGISTER, a call out and a call in, right after the answer.
    fn is_obeyed(&mut self, demo: &Running, colleague: &mut Softphone, change: &str) {
        if change.contains("sip_password") {
            // The phone has still the old password.
            assert_eq!(self.stranger(demo, None).register(), 401, "{change}");
            self.phone.set_password(&self.password);
        }
        if self.deleted {
            assert_eq!(self.stranger(demo, Some(&self.password)).register(), 401, "{change}");
        } else {
            let registers = self.active && !self.disabled;
            assert_eq!(self.phone.register(), if registers { 200 } else { 403 }, "{change}");
        }
        let may_call = self.active && !self.disabled && !self.blocked && !self.web_only;
        self.calls(demo, colleague, may_call && !self.deleted, change);
        self.is_called(colleague, may_call && !self.deleted, change);
    }

    fn calls(&mut self, demo: &Running, colleague: &mut Softphone, may: bool, change: &str) {
        let whom = colleague.name().to_owned();
        if self.deleted {
            let refusal = self.stranger(demo, Some(&self.password)).refused(&whom);
            assert_eq!(refusal, 401, "{change}");
        } else if may {
            put_through(&mut self.phone, colleague, change);
        } else {
            assert_eq!(self.phone.refused(&whom), 403, "{change}");
        }
    }

    fn is_called(&mut self, colleague: &mut Softphone, may: bool, change: &str) {
        if may {
            put_through(colleague, &mut self.phone, change);
        } else {
            let refusal = colleague.refused(&self.extension);
            assert!(matches!(refusal, 404 | 480), "{refusal} after {change}");
        }
    }

    /// Somebody with this user's name at an address of his own; where no password is given, with
    /// the one before the current.
    fn stranger(&self, demo: &Running, password: Option<&str>) -> Softphone {
        let number = STRANGERS.fetch_add(1, Ordering::Relaxed);
        let address = format!("127.1.{}.{}", number / 200, number % 200 + 1);
        let first = first_password(&self.extension);
        let old = match self.passwords.saturating_sub(1) {
            0 => first,
            before => format!("Another-petal-{}-{before}!", self.extension),
        };
        Softphone::at(&address, sip(demo), (&self.extension, password.unwrap_or(&old)))
    }
}

/// The call reaches the other phone, which is busy.
fn put_through(caller: &mut Softphone, callee: &mut Softphone, change: &str) {
    let whom = callee.name().to_owned();
    let invite = caller.call(&whom);
    let arrived = callee.expect(Method::Invite);
    callee.reply(&arrived, BUSY, "");
    callee.expect(Method::Ack);
    let answer = caller.answer();
    assert_eq!(code(&answer), BUSY, "{change}");
    caller.acknowledge_refusal(&invite, &answer);
}

/// Numbers that look random and are the same in each run (the finaliser of splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((mixed >> 33) % u64::from(end)).unwrap()
    }
}
