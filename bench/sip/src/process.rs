//! CPU time of the process under load and of its children, as the kernel accounts it.

use std::fs;
use std::io;
use std::time::Duration;

/// Clock ticks a second in `/proc`: 100 on every Linux that Debian runs on (`getconf CLK_TCK`).
const TICKS_PER_SECOND: u64 = 100;

/// A server: one process, or one with the workers it started.
pub(crate) struct Process {
    id: u32,
}

/// The fields of `/proc/PID/stat` that matter here (proc(5)).
struct Stat {
    parent: u32,
    ticks: u64,
}

impl Process {
    pub(crate) fn new(id: u32) -> Self {
        Self { id }
    }

    /// User and system time used so far, to the hundredth of a second.
    pub(crate) fn cpu_time(&self) -> io::Result<Duration> {
        let mut ticks = stat(&fs::read_to_string(format!("/proc/{}/stat", self.id))?)
            .ok_or_else(|| io::Error::other("/proc/PID/stat does not read as proc(5) says"))?
            .ticks;
        for entry in fs::read_dir("/proc")? {
            // A process may end between being listed and being read.
            let text = fs::read_to_string(entry?.path().join("stat")).unwrap_or_default();
            if let Some(child) = stat(&text).filter(|stat| stat.parent == self.id) {
                ticks += child.ticks;
            }
        }
        Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
    }
}

/// The name, in parentheses, may hold anything; what follows it is numbers.
fn stat(text: &str) -> Option<Stat> {
    let (_, behind_name) = text.rsplit_once(')')?;
    let mut fields = behind_name.split_ascii_whitespace().skip(1);
    let parent = fields.next()?.parse().ok()?;
    let user: u64 = fields.nth(9)?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Stat { parent, ticks: user + system })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_stand_behind_a_name_that_may_hold_parentheses() {
        let stat = stat("42 (a ) b) S 7 42 42 0 -1 4194304 10 20 30 40 55 66 1 2 20 0").unwrap();
        assert_eq!((stat.parent, stat.ticks), (7, 121));
    }

    #[test]
    fn this_process_can_be_read() {
        assert!(Process::new(std::process::id()).cpu_time().is_ok());
    }
}
