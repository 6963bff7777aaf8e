//! The system parts that tests and benches drive: real peers from Debian, one row each.
//! Starts none of them; a test or a bench does that, by process id.

use std::os::unix::fs::MetadataExt;

use crate::command;
use crate::failure::Failure;
use crate::flags::Flags;
use crate::terminal::say;
use crate::test::Scope;

/// One thing that must be on the machine. It is required as soon as one of its users exists.
struct Part {
    name: &'static str,
    /// Succeeds, as a shell line, where the part is present.
    probe: &'static str,
    package: &'static str,
    users: &'static [User],
}

enum User {
    /// A test file or folder of a crate: needed from the moment it exists.
    Suite {
        package: &'static str,
        path: &'static str,
    },
    Bench(&'static str),
}

/// What a run is for; decides which parts it needs.
pub(crate) enum Purpose<'a> {
    Tests(&'a Scope),
    Bench(&'a str),
}

/// Add a part: add its row. Packages from npm would be rows too; there are none.
const PARTS: &[Part] = &[
    Part {
        name: "curl",
        probe: "command -v curl",
        package: "curl",
        users: &[
            User::Suite { package: "api", path: "crates/api/tests" },
            User::Suite { package: "server", path: "crates/server/tests" },
            User::Bench("http"),
            User::Bench("console"),
        ],
    },
    Part {
        name: "PostgreSQL server",
        probe: "ls /usr/lib/postgresql/*/bin/postgres",
        package: "postgresql",
        users: &[User::Suite { package: "store", path: "crates/store/tests/it/postgres.rs" }],
    },
    Part {
        name: "sipp",
        probe: "command -v sipp",
        package: "sip-tester",
        users: &[
            User::Suite { package: "calls", path: "crates/calls/tests/it/sipp.rs" },
            User::Suite { package: "server", path: "crates/server/tests/it/sipp.rs" },
        ],
    },
    Part {
        name: "baresip",
        probe: "command -v baresip",
        package: "baresip",
        users: &[
            User::Suite { package: "calls", path: "crates/calls/tests/it/baresip.rs" },
            User::Suite { package: "server", path: "crates/server/tests/it/baresip.rs" },
            User::Suite { package: "server", path: "crates/server/tests/browser/relay.rs" },
        ],
    },
    Part {
        name: "Chromium",
        probe: "command -v chromium",
        package: "chromium",
        users: &[User::Suite { package: "server", path: "crates/server/tests/browser" }],
    },
    Part {
        name: "chromedriver",
        probe: "command -v chromedriver",
        package: "chromium-driver",
        users: &[User::Suite { package: "server", path: "crates/server/tests/browser" }],
    },
    Part {
        name: "iproute2",
        probe: "command -v ip || ls /usr/sbin/ip",
        package: "iproute2",
        users: &[User::Suite { package: "calls", path: "crates/calls/tests/it/alone.rs" }],
    },
    Part {
        name: "linphone",
        probe: "command -v linphonec",
        package: "linphone-cli",
        users: &[User::Suite { package: "calls", path: "crates/calls/tests/it/linphone.rs" }],
    },
    Part {
        name: "rtpengine",
        probe: "command -v rtpengine",
        package: "rtpengine-daemon",
        users: &[
            User::Suite { package: "calls", path: "crates/calls/tests/it/rtpengine.rs" },
            User::Suite { package: "server", path: "crates/server/tests/browser/relay.rs" },
        ],
    },
    Part { name: "wrk", probe: "command -v wrk", package: "wrk", users: &[User::Bench("http")] },
    Part {
        name: "Kamailio",
        probe: "command -v kamailio || ls /usr/sbin/kamailio",
        package: "kamailio",
        users: &[User::Bench("sip")],
    },
];

impl User {
    fn is_served_by(&self, purpose: &Purpose<'_>) -> bool {
        match (self, purpose) {
            (Self::Bench(bench), Purpose::Bench(wanted)) => bench == wanted,
            (Self::Suite { path, .. }, Purpose::Tests(Scope::Workspace)) => exists(path),
            (Self::Suite { package, path }, Purpose::Tests(Scope::Crate(wanted))) => {
                package == wanted && exists(path)
            }
            (Self::Bench(_), Purpose::Tests(_)) | (Self::Suite { .. }, Purpose::Bench(_)) => false,
        }
    }
}

/// Installs what is missing where that is possible, and otherwise says what to type.
pub(crate) fn provide(purpose: &Purpose<'_>) -> Result<(), Failure> {
    let missing: Vec<&Part> = required(purpose).filter(|part| !is_present(part)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|part| part.name).collect();
    let packages: Vec<&str> = missing.iter().map(|part| part.package).collect();
    if !may_install() {
        return Err(Failure::new(format!(
            "missing {}; install with: {}",
            names.join(", "),
            install_line(&packages)
        )));
    }
    say(&format!("installing {}", names.join(", ")));
    install(&packages)?;
    match missing.iter().find(|part| !is_present(part)) {
        None => Ok(()),
        Some(part) => Err(Failure::new(format!(
            "installed {} but `{}` still fails",
            part.package, part.probe
        ))),
    }
}

pub(crate) fn list(words: &[String]) -> Result<(), Failure> {
    Flags::parse(words, &[])?;
    for part in PARTS {
        let state = if is_present(part) { "present" } else { "missing" };
        let users: Vec<String> = part
            .users
            .iter()
            .map(|user| match user {
                User::Suite { path, .. } if exists(path) => format!("{path} (exists)"),
                User::Suite { path, .. } => (*path).to_owned(),
                User::Bench(bench) => format!("bench {bench}"),
            })
            .collect();
        say(&format!("{:<18} {state}  {:<11} {}", part.name, part.package, users.join(", ")));
    }
    Ok(())
}

fn required(purpose: &Purpose<'_>) -> impl Iterator<Item = &'static Part> {
    PARTS.iter().filter(move |part| part.users.iter().any(|user| user.is_served_by(purpose)))
}

fn is_present(part: &Part) -> bool {
    command::output(command::program("sh", &["-c", part.probe])).is_ok()
}

fn exists(path: &str) -> bool {
    command::root().join(path).exists()
}

/// Root on a Debian with apt-get. The owner of `/proc/self` is this process's own user.
fn may_install() -> bool {
    let root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    let debian =
        command::program("sh", &["-c", "command -v apt-get && test -f /etc/debian_version"]);
    root && command::output(debian).is_ok()
}

fn install_line(packages: &[&str]) -> String {
    format!(
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    )
}

fn install(packages: &[&str]) -> Result<(), Failure> {
    let mut update = command::program("apt-get", &["update", "-q"]);
    update.env("DEBIAN_FRONTEND", "noninteractive");
    command::run(update)?;
    let mut install =
        command::program("apt-get", &["install", "-q", "-y", "--no-install-recommends"]);
    install.args(packages).env("DEBIAN_FRONTEND", "noninteractive");
    command::run(install)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(purpose: &Purpose<'_>) -> Vec<&'static str> {
        required(purpose).map(|part| part.name).collect()
    }

    #[test]
    fn a_bench_needs_its_own_parts_only() {
        assert_eq!(names(&Purpose::Bench("http")), ["curl", "wrk"]);
        assert_eq!(names(&Purpose::Bench("sip")), ["Kamailio"]);
    }

    #[test]
    fn tests_need_no_part_that_only_a_bench_uses() {
        let needed = names(&Purpose::Tests(&Scope::Workspace));
        assert!(!needed.contains(&"wrk") && !needed.contains(&"Kamailio"), "{needed:?}");
    }

    #[test]
    fn a_crate_without_a_suite_needs_nothing() {
        assert!(names(&Purpose::Tests(&Scope::Crate("domain".to_owned()))).is_empty());
    }

    #[test]
    fn a_suite_needs_its_part_only_once_it_exists() {
        let purpose = Purpose::Tests(&Scope::Workspace);
        let present = User::Suite { package: "xtask", path: "xtask/src/parts.rs" };
        let absent = User::Suite { package: "xtask", path: "xtask/src/absent.rs" };
        assert!(present.is_served_by(&purpose));
        assert!(!absent.is_served_by(&purpose));
    }

    #[test]
    fn the_advice_is_a_command_to_paste() {
        assert!(install_line(&["curl", "wrk"]).ends_with("--no-install-recommends curl wrk"));
    }
}
