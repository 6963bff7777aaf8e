//! baresip, a phone that no one here wrote: it registers by itself, answers and calls.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use domain::id::Serial;
use sip::Method;
use tempfile::TempDir;

use crate::office::{Office, REALM, password};
use crate::phone::{ANSWER, SDP};

/// Registering and answering take baresip about a second.
const PATIENCE: Duration = Duration::from_secs(20);

/// One baresip; ended by its own process id when the test is.
struct Baresip {
    child: Child,
    _directory: TempDir,
}

impl Baresip {
    fn start(office: &Office, user: u32, command: Option<&str>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        configure(directory.path(), office, user);
        let mut baresip = Command::new("baresip");
        baresip.arg("-f").arg(directory.path());
        if let Some(command) = command {
            baresip.args(["-e", command]);
        }
        let quiet = baresip.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = quiet.spawn().expect("baresip is needed: install the package baresip");
        Self { child, _directory: directory }
    }
}

impl Drop for Baresip {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn configure(directory: &Path, office: &Office, user: u32) {
    let port = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = format!(
        "sip_listen 127.0.0.1:{port}\nnet_interface 127.0.0.1\n\
         audio_player aubridge,nil\naudio_source aubridge,nil\naudio_alert aubridge,nil\n\
         module_path /usr/lib/baresip/modules\nmodule g711.so\nmodule aubridge.so\n\
         module_app account.so\nmodule_app menu.so\n"
    );
    std::fs::write(directory.join("config"), config).unwrap();
    let (name, password, server) = (200 + user, password(user), office.address());
    let account = format!(
        "<sip:{name}@{REALM}>;auth_user={name};auth_pass={password};regint=600;\
         answermode=auto;outbound=\"sip:{server};transport=udp\"\n"
    );
    std::fs::write(directory.join("accounts"), account).unwrap();
    std::fs::write(directory.join("contacts"), "").unwrap();
}

async fn until(mut holds: impl FnMut() -> bool) {
    tokio::time::timeout(PATIENCE, async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("baresip did not get there");
}

#[tokio::test]
async fn baresip_registers_and_answers() {
    let office = Office::open().await;
    let _baresip = Baresip::start(&office, 2, None);
    until(|| !office.calls.registrations_of(Serial(2)).is_empty()).await;
    let mut asha = office.registered(1).await;
    let (invite, mut answer) = asha.call_with("202", &[], SDP).await;
    while answer.status().unwrap().is_provisional() {
        answer = asha.answer().await;
    }
    assert_eq!(answer.status().unwrap().code(), 200);
    assert!(answer.body().starts_with(b"v=0"));
    let mut line = asha.calling_line(invite, &answer).await;
    asha.hang_up(&mut line).await;
    assert_eq!(office.record().answered_by, Some(Serial(2)));
}

#[tokio::test]
async fn baresip_calls_and_is_hung_up_on() {
    let office = Office::open().await;
    let mut asha = office.registered(1).await;
    let dial = format!("/dial sip:201@{REALM}");
    let _baresip = Baresip::start(&office, 2, Some(&dial));
    let invite = asha.request(Method::Invite).await;
    assert!(invite.from().uri_text.starts_with("sip:202@"));
    asha.reply(&invite, 200, ANSWER).await;
    asha.request(Method::Ack).await;
    let mut line = asha.called_line(invite);
    asha.hang_up(&mut line).await;
    assert_eq!(office.record().users, [Serial(1), Serial(2)]);
}
