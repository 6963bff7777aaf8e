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
    user_ticks: u64,
    system_ticks: u64,
}

/// Time used so far, to the hundredth of a second.
#[derive(Clone, Copy)]
pub(crate) struct CpuTime {
    pub(crate) user: Duration,
    /// In the kernel, on behalf of the process.
    pub(crate) system: Duration,
}

impl CpuTime {
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            user: self.user.saturating_sub(before.user),
            system: self.system.saturating_sub(before.system),
        }
    }
}

impl Process {
    pub(crate) fn new(id: u32) -> Self {
        Self { id }
    }

    pub(crate) fn cpu_time(&self) -> io::Result<CpuTime> {
        let own = stat(&fs::read_to_string(format!("/proc/{}/stat", self.id))?)
            .ok_or_else(|| io::Error::other("/proc/PID/stat does not read as proc(5) says"))?;
        let (mut user, mut system) = (own.user_ticks, own.system_ticks);
        for entry in fs::read_dir("/proc")? {
            // A process may end between being listed and being read.
            let text = fs::read_to_string(entry?.path().join("stat")).unwrap_or_default();
            if let Some(child) = stat(&text).filter(|stat| stat.parent == self.id) {
                user += child.user_ticks;
                system += child.system_ticks;
            }
        }
        let time = |ticks: u64| Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND);
        Ok(CpuTime { user: time(user), system: time(system) })
    }
}

/// The name, in parentheses, may hold anything; what follows it is numbers.
fn stat(text: &str) -> Option<Stat> {
    let (_, behind_name) = text.rsplit_once(')')?;
    let mut fields = behind_name.split_ascii_whitespace().skip(1);
    let parent = fields.next()?.parse().ok()?;
    let user_ticks = fields.nth(9)?.parse().ok()?;
    let system_ticks = fields.next()?.parse().ok()?;
    Some(Stat { parent, user_ticks, system_ticks })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_stand_behind_a_name_that_may_hold_parentheses() {
        let stat = stat("42 (a ) b) S 7 42 42 0 -1 4194304 10 20 30 40 55 66 1 2 20 0").unwrap();
        assert_eq!((stat.parent, stat.user_ticks, stat.system_ticks), (7, 55, 66));
    }

    #[test]
    fn this_process_can_be_read() {
        assert!(Process::new(std::process::id()).cpu_time().is_ok());
    }
}
