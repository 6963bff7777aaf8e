//! Phones by the thousand on one thread: the load of `cargo xtask bench sip`.
//! Knows SIP and nothing of whom it loads; what it prints is one line of JSON.
//!
//! A crate of its own because the load must be a release build, which xtask is not.

mod call;
mod drive;
mod phone;
mod process;
mod register;

use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;

use call::Calling;
use drive::{Pace, drive};
use phone::Line;
use process::Process;
use register::{Registering, Wish};
use serde_json::json;

type Outcome<T> = Result<T, Box<dyn Error>>;

const USAGE: &str = "usage: sip-load register|call|call-challenged SERVER PID USERS RATE SECONDS\n\
    RATE is operations a second, or 0 for as many as the server answers; \
    SECONDS is 0 to serve every user once";

/// Operations before the measured ones: tables grow to their size, caches fill.
const WARM_UP: Duration = Duration::from_secs(1);
/// Far above any bench worth running.
const WHOLE_RUN: Duration = Duration::from_mins(10);
/// Operations at once: enough to keep a server busy, few enough for the 208 KiB that a socket holds
/// unless told otherwise, so that nothing is lost.
const AT_ONCE_MAX: usize = 32;

struct Options {
    work: String,
    server: SocketAddr,
    process: Process,
    users: u32,
    rate: u32,
    seconds: u64,
}

fn main() -> Outcome<()> {
    let options = options()?;
    let (pairs, line) = (options.users / 2, Line::new(options.server)?);
    let outcome = match options.work.as_str() {
        "register" => {
            let line = register(line, 0..options.users, Wish::Clear)?.into_line();
            run(&mut Registering::new(line, 0..options.users), &options)?
        }
        "call" | "call-challenged" => {
            let line = register(line, pairs..pairs * 2, Wish::Clear)?.into_line();
            let callee = register(line, pairs..pairs * 2, Wish::Bind)?.into_line();
            let caller = Line::new(options.server)?;
            let reuses_nonce = options.work == "call";
            run(&mut Calling::new(caller, callee, pairs, reuses_nonce), &options)?
        }
        _ => return Err(USAGE.into()),
    };
    writeln!(io::stdout(), "{outcome}")?;
    Ok(())
}

/// Every one of these users once, as fast as answered.
fn register(line: Line, users: Range<u32>, wish: Wish) -> Outcome<Registering> {
    let count = u64::from(users.end - users.start);
    let mut registering = Registering::new(line, users).wishing(wish);
    let pace = Pace { rate: None, at_once: AT_ONCE_MAX, count, duration: WHOLE_RUN };
    let done = drive(&mut registering, &pace)?;
    if done.failed > 0 {
        return Err(format!("could not register: {done:?}").into());
    }
    Ok(registering)
}

/// Drives the work, warm, and says what it cost the server.
fn run(work: &mut impl drive::Work, options: &Options) -> Outcome<serde_json::Value> {
    let pace = pace(options);
    if options.seconds > 0 {
        drive(work, &Pace { duration: WARM_UP, ..pace })?;
    }
    let before = options.process.cpu_time()?;
    let done = drive(work, &pace)?;
    let cpu = options.process.cpu_time()?.since(before);
    Ok(json!({
        "operations": done.completed,
        "failed": done.failed,
        "surprise": done.surprise,
        "seconds": done.elapsed.as_secs_f64(),
        "cpu_seconds": (cpu.user + cpu.system).as_secs_f64(),
        "kernel_seconds": cpu.system.as_secs_f64(),
    }))
}

fn pace(options: &Options) -> Pace {
    let rate = (options.rate > 0).then_some(options.rate);
    let (count, duration) = match options.seconds {
        0 => (u64::from(options.users), WHOLE_RUN),
        seconds => (u64::MAX, Duration::from_secs(seconds)),
    };
    Pace { rate, at_once: AT_ONCE_MAX, count, duration }
}

fn options() -> Outcome<Options> {
    let mut words = std::env::args().skip(1);
    let mut next = || words.next().ok_or(USAGE);
    Ok(Options {
        work: next()?,
        server: next()?.parse()?,
        process: Process::new(next()?.parse()?),
        users: next()?.parse()?,
        rate: next()?.parse()?,
        seconds: next()?.parse()?,
    })
}
