//! A full disk: what can be answered then, and that nothing that waits is lost once there is room.

use std::fs::File;
use std::io::Write;
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{Folder, Running, text};
use crate::softphone::Softphone;

/// Makes a small disk of memory at the first argument, and becomes the rest.
const ON_A_SMALL_DISK: &str = "mount -t tmpfs -o size=24m tmpfs \"$1\"; shift; exec \"$@\"";

/// A demo whose data folder is on a disk of its own, which only its process sees.
fn demo(folder: &Folder) -> Running {
    let disk = folder.path("disk");
    std::fs::create_dir(&disk).unwrap();
    let mut command = Command::new("unshare");
    command.args(flags()).args(["sh", "-ec", ON_A_SMALL_DISK, "sh"]).arg(&disk);
    command.arg(env!("CARGO_BIN_EXE_rollcall"));
    command.env_remove("ROLLCALL_URL").env_remove("ROLLCALL_TOKEN");
    Running::demo_by(command, &disk.join("data"), &[])
}

/// As a user of its own where that is allowed, which needs no privilege; otherwise as we are.
fn flags() -> &'static [&'static str] {
    const WAYS: [&[&str]; 2] = [&["--user", "--map-root-user", "--mount"], &["--mount"]];
    let works = |flags: &&&[&str]| {
        let script = "mount -t tmpfs tmpfs /mnt";
        let tried = Command::new("unshare").args(**flags).args(["sh", "-c", script]).output();
        tried.is_ok_and(|output| output.status.success())
    };
    WAYS.iter().find(works).expect("a mount namespace is needed: allow `unshare --mount`")
}

/// Fills the disk to the last page.
fn fill(demo: &Running, folder: &Folder) {
    let mut file = File::create(demo.seen(&folder.path("disk/filler"))).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
}

fn records(demo: &Running) -> usize {
    let (status, answer) = demo.ask("GET", "/api/v1/call-records", &Value::Null);
    assert_eq!(status, 200, "{answer}");
    answer["data"].as_array().unwrap().len()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the server is another process")]
fn a_call_is_answered_on_a_full_disk_and_its_record_kept_once_there_is_room() {
    let folder = Folder::new();
    let demo = demo(&folder);
    let mut asha = Softphone::registered(&demo, "101");
    let user = text(&demo.ready["users"][0], "/id");
    let path = format!("/api/v1/users/{user}");
    fill(&demo, &folder);
    // A change is refused as a whole, and the phone is still served.
    let (status, answer) = demo.ask("PATCH", &path, &json!({ "calls_blocked": true }));
    assert!(status >= 500, "{status} {answer}");
    assert_eq!(asha.refused("999"), 404);
    assert_eq!(records(&demo), 0);

    std::fs::remove_file(demo.seen(&folder.path("disk/filler"))).unwrap();
    let kept = (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        records(&demo) == 1
    });
    assert!(kept, "the record was lost");
    let (status, _) = demo.ask("PATCH", &path, &json!({ "calls_blocked": true }));
    assert_eq!(status, 200);
    assert_eq!(asha.refused("102"), 403);
    assert_eq!(records(&demo), 2);
    let said = demo.errors();
    assert!(said.contains("a call record waits to be kept"), "{said}");
}
