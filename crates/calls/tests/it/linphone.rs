//! linphone's command line, a phone that no one here wrote: it registers, calls, answers, and says
//! when it is refused.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use domain::call::CallResult;
use domain::id::Serial;
use serde_json::json;
use sip::Method;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::office::{Office, REALM, password};
use crate::phone::{ANSWER, SDP};

/// Starting and registering take it about two seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// One linphonec; ended by its own process id when the test is.
struct Linphone {
    child: Child,
    typing: ChildStdin,
    screen: mpsc::UnboundedReceiver<String>,
    /// What it has said since it was last asked.
    said: String,
    _home: TempDir,
}

impl Linphone {
    /// The phone of a user, with the password given and these flags.
    fn start(office: &Office, user: u32, password: &str, flags: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        // It opens a database there and does not make the folders.
        std::fs::create_dir_all(home.path().join(".local/share/linphone")).unwrap();
        let configuration = home.path().join("linphonerc");
        std::fs::write(&configuration, configured(office, user, password)).unwrap();
        let mut command = Command::new("linphonec");
        command.arg("-c").arg(&configuration).args(["-d", "0"]).args(flags);
        command.env("HOME", home.path()).env_remove("XDG_DATA_HOME");
        command.env("TMPDIR", home.path());
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = piped.spawn().expect("linphonec is needed: install linphone-cli");
        let (typing, screen) = (child.stdin.take().unwrap(), read(child.stdout.take().unwrap()));
        let said = String::new();
        Self { child, typing, screen, said, _home: home }
    }

    fn types(&mut self, line: &str) {
        self.said.clear();
        writeln!(self.typing, "{line}").unwrap();
    }

    /// Waits until it has said this.
    async fn says(&mut self, words: &str) {
        while !self.said.contains(words) {
            let more = timeout(PATIENCE, self.screen.recv()).await;
            let Ok(Some(more)) = more else { panic!("never {words:?}: {}", self.said) };
            self.said.push_str(&more);
        }
    }

    /// The answer that registered it may still be on its way.
    async fn knows_that_it_is_registered(&mut self, as_whom: &str) {
        let known = async {
            while !self.said.contains(as_whom) {
                self.types("status register");
                self.says("linphonec> ").await;
                // Asked without a pause it comes to nothing else.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        timeout(PATIENCE, known).await.expect("it does not know");
    }

    /// Sound comes from files: there is no sound card.
    async fn is_ready(&mut self) {
        self.says("linphonec> ").await;
        self.types("soundcard use files");
        self.says("instead of soundcard").await;
    }
}

impl Drop for Linphone {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What it writes, as it comes: its prompt ends no line.
fn read(mut screen: ChildStdout) -> mpsc::UnboundedReceiver<String> {
    let (said, heard) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let mut bytes = [0; 1024];
        while let Ok(length @ 1..) = screen.read(&mut bytes) {
            let more = String::from_utf8_lossy(&bytes[..length]).into_owned();
            if said.send(more).is_err() {
                break;
            }
        }
    });
    heard
}

fn configured(office: &Office, user: u32, password: &str) -> String {
    let port = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (name, server) = (200 + user, office.address());
    format!(
        "[sip]\nsip_port={port}\nsip_tcp_port=0\nsip_tls_port=0\nuse_ipv6=0\ndefault_proxy=0\n\
         register_only_when_network_is_up=0\n[rtp]\naudio_rtp_port=-1\n\
         [proxy_0]\nreg_proxy=<sip:{server};transport=udp>\n\
         reg_route=<sip:{server};transport=udp;lr>\nreg_identity=sip:{name}@{REALM}\n\
         reg_expires=600\nreg_sendregister=1\npublish=0\n\
         [auth_info_0]\nusername={name}\npasswd={password}\nrealm={REALM}\n"
    )
}

async fn registered(office: &Office, user: u32, flags: &[&str]) -> Linphone {
    let mut linphone = Linphone::start(office, user, &password(user), flags);
    linphone.is_ready().await;
    timeout(PATIENCE, async {
        while office.calls.registrations_of(Serial(user)).is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("linphone did not register");
    linphone
}

#[tokio::test]
async fn linphone_registers_calls_and_hangs_up() {
    let office = Office::open().await;
    let mut linphone = registered(&office, 2, &[]).await;
    linphone.knows_that_it_is_registered(&format!("identity=sip:202@{REALM}")).await;
    let mut asha = office.registered(1).await;
    linphone.types(&format!("call sip:201@{REALM}"));
    let invite = asha.request(Method::Invite).await;
    assert!(invite.from().uri_text.starts_with("sip:202@"));
    asha.reply(&invite, 180, "").await;
    asha.reply(&invite, 200, ANSWER).await;
    asha.request(Method::Ack).await;
    linphone.says("connected").await;
    linphone.types("terminate");
    asha.is_hung_up().await;
    linphone.says("ended").await;
    let record = office.record();
    assert_eq!((record.result, record.users), (CallResult::Answered, vec![Serial(1), Serial(2)]));
}

#[tokio::test]
async fn linphone_answers_and_is_hung_up_on() {
    let office = Office::open().await;
    let mut linphone = registered(&office, 2, &["-a"]).await;
    let mut asha = office.registered(1).await;
    let (invite, mut answer) = asha.call_with("202", &[], SDP).await;
    while answer.status().unwrap().is_provisional() {
        answer = asha.answer().await;
    }
    assert_eq!(answer.status().unwrap().code(), 200);
    let mut line = asha.calling_line(invite, &answer).await;
    linphone.says("connected").await;
    asha.hang_up(&mut line).await;
    linphone.says("ended").await;
    assert_eq!(office.record().answered_by, Some(Serial(2)));
}

#[tokio::test]
async fn linphone_says_when_its_calls_are_refused() {
    let office = Office::open().await;
    let mut linphone = registered(&office, 2, &[]).await;
    office.set(2, json!({ "calls_blocked": true })).await;
    linphone.types(&format!("call sip:201@{REALM}"));
    linphone.says("error").await;
    let record = office.record();
    assert_eq!((record.result, record.status), (CallResult::Refused, 403));
}

#[tokio::test]
async fn a_change_that_ends_a_call_ends_it_at_linphone() {
    let office = Office::open().await;
    let mut linphone = registered(&office, 2, &[]).await;
    let mut asha = office.registered(1).await;
    linphone.types(&format!("call sip:201@{REALM}"));
    let invite = asha.request(Method::Invite).await;
    asha.reply(&invite, 200, ANSWER).await;
    asha.request(Method::Ack).await;
    linphone.says("connected").await;
    assert_eq!(office.set(2, json!({ "calls_blocked": true })).await.calls, 1);
    asha.is_hung_up().await;
    linphone.says("ended").await;
}

#[tokio::test]
async fn linphone_with_a_wrong_password_does_not_register() {
    let office = Office::open().await;
    let mut linphone = Linphone::start(&office, 2, "wrong", &[]);
    // It asks the person for another one.
    linphone.says(&format!("Password for 202 on {REALM}")).await;
    assert!(office.calls.registrations_of(Serial(2)).is_empty());
}
