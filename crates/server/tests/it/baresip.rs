//! baresip, a phone that no one here wrote, with the whole program: it registers over TLS.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::harness::{Folder, Running, text};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
/// It ends by itself after so many seconds, whatever became of its registration.
const SECONDS: &str = "20";

/// One baresip; ended by its own process id when the test is.
struct Baresip(Child);

impl Baresip {
    fn start(directory: &Path) -> Self {
        let mut baresip = Command::new("baresip");
        baresip.arg("-f").arg(directory).args(["-t", SECONDS]);
        let piped = baresip.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        Self(piped.spawn().expect("baresip is needed: install the package baresip"))
    }

    /// The first line it says with one of these words.
    fn says(&mut self, words: [&str; 2]) -> String {
        let lines = BufReader::new(self.0.stdout.take().unwrap()).lines();
        let mut lines = lines.map_while(Result::ok);
        lines.find(|line| words.iter().any(|word| line.contains(word))).unwrap_or_default()
    }
}

impl Drop for Baresip {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The phone of the demo's first user. baresip 1.0 does not verify the server's certificate.
fn configure(directory: &Path, demo: &Running) {
    let port = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = format!(
        "sip_listen 127.0.0.1:{port}\nnet_interface 127.0.0.1\n\
         audio_player aubridge,nil\naudio_source aubridge,nil\naudio_alert aubridge,nil\n\
         module_path /usr/lib/baresip/modules\nmodule g711.so\nmodule aubridge.so\n\
         module_app account.so\nmodule_app menu.so\n"
    );
    std::fs::write(directory.join("config"), config).unwrap();
    let user = &demo.ready["users"][0];
    let (name, password) = (text(user, "/extension"), text(user, "/sip_password"));
    let server = demo.text("/sip_tls");
    let account = format!(
        "<sip:{name}@demo>;auth_user={name};auth_pass=\"{password}\";regint=600;\
         outbound=\"sip:{server};transport=tls\"\n"
    );
    std::fs::write(directory.join("accounts"), account).unwrap();
    std::fs::write(directory.join("contacts"), "").unwrap();
}

#[test]
fn baresip_registers_over_tls() {
    let folder = Folder::new();
    let (certificate, key) =
        (format!("{FIXTURES}/first.certificate.pem"), format!("{FIXTURES}/first.key.pem"));
    let tables =
        format!("[sip]\ntls = \"127.0.0.1:0\"\ncertificate = {certificate:?}\nkey = {key:?}\n");
    let config = folder.write("config.toml", &tables);
    let demo = Running::demo_with(&folder.path("data"), &["--config", &config]);
    let directory = folder.path("phone");
    std::fs::create_dir(&directory).unwrap();
    configure(&directory, &demo);
    let line = Baresip::start(&directory).says(["binding", "failed"]);
    assert!(line.contains("{0/TLS/v4} 200 OK"), "{line}");
}
