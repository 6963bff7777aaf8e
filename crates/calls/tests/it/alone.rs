//! A network namespace that has nothing but loopback. A server follows addresses found in messages,
//! so hostile ones are sent only where nothing can leave the machine.

use std::process::{Command, Stdio};

/// Switches loopback on, makes sure that there is no other way out, and becomes the test. The `:` is
/// behind each interface's name.
const INSIDE: &str = "ip link set lo up && test \"$(grep -c : /proc/net/dev)\" = 1 && exec \"$@\"";

/// False in such a namespace. Elsewhere the test of this name has been run in one, and is done.
///
/// # Panics
///
/// The test has failed there, or no such namespace can be made.
pub(crate) fn was_run_alone(test: &str) -> bool {
    if is_alone() {
        return false;
    }
    let own = std::env::current_exe().unwrap();
    let mut alone = Command::new("unshare");
    alone.args(flags()).args(["sh", "-ec", INSIDE, "sh"]).arg(own);
    alone.args(["--exact", test, "--nocapture", "--test-threads=1"]).stdin(Stdio::null());
    let output = alone.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "alone, {test} failed:\n{said}\n{wrong}");
    // A name that does not exist would run nothing and succeed.
    assert!(said.contains("1 passed"), "alone, {test} was not run:\n{said}\n{wrong}");
    true
}

/// Whether loopback is the only interface; its file has two lines of headings.
fn is_alone() -> bool {
    let interfaces = std::fs::read_to_string("/proc/self/net/dev").unwrap();
    let mut names = interfaces.lines().skip(2).filter_map(|line| line.split(':').next());
    names.all(|name| name.trim() == "lo")
}

/// As a user of its own where that is allowed, which needs no privilege; otherwise as we are.
fn flags() -> &'static [&'static str] {
    const WAYS: [&[&str]; 2] = [&["--user", "--map-root-user", "--net"], &["--net"]];
    let works = |flags: &&&[&str]| {
        let tried = Command::new("unshare").args(**flags).arg("true").output();
        tried.is_ok_and(|output| output.status.success())
    };
    WAYS.iter().find(works).expect("a network namespace is needed: allow `unshare --net`")
}
