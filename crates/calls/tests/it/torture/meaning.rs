//! Messages that can be read and that a server has to refuse, or not to believe: section 3.3 of the
//! RFC.

use super::{Fate, Torture};

const BAD: Fate = Fate::Answered(400);
const ASKED: Fate = Fate::Answered(401);

pub(super) const MESSAGES: &[Torture] = &[
    Torture {
        name: "insuf 3.3.1",
        fate: Fate::Silence,
        text: "INVITE sip:user@lotus.example SIP/2.0
CSeq: 193942 INVITE
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdj.insuf
Content-Type: application/sdp
l: SIZE

v=0
o=mhandley 29739 7272939 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
m=audio 49217 RTP/AVP 0 12
",
    },
    Torture {
        name: "unkscm 3.3.2",
        fate: Fate::Answered(416),
        text: "OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0
To: sip:user@lotus.example
From: sip:caller@example.net;tag=323
Max-Forwards: 70
Call-ID: unkscm.nasdfasser0q239nwsdfasdkl34
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
l: 0

",
    },
    Torture {
        name: "novelsc 3.3.3",
        fate: Fate::Answered(416),
        text: "OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0
To: sip:user@lotus.example
From: sip:caller@example.net;tag=323
Max-Forwards: 70
Call-ID: novelsc.asdfasser0q239nwsdfasdkl34
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
l: 0

",
    },
    Torture {
        // Whose address it is to be is asked first.
        name: "unksm2 3.3.4",
        fate: ASKED,
        text: "REGISTER sip:lotus.example SIP/2.0
To: isbn:2983792873
From: isbn:2983792873;tag=43251j3j324
Max-Forwards: 70
Call-ID: unksm2.daksdj@hyphenated-host.example.com
CSeq: 8 REGISTER
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Contact: sip:j.user@host.example.com
l: 0

",
    },
    Torture {
        name: "bext01 3.3.5",
        fate: Fate::Answered(420),
        text: "OPTIONS sip:user@lotus.example SIP/2.0
To: sip:user@lotus.example
From: sip:caller@example.net;tag=323
Max-Forwards: 70
Call-ID: bext01.0ha0isndaksdj
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Require: nothingSupportsThis, nothingSupportsThisEither
Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis
l: 0

",
    },
    Torture {
        // 415 comes once he has shown who he is.
        name: "invut 3.3.6",
        fate: ASKED,
        text: r#"INVITE sip:user@lotus.example SIP/2.0
To: sip:user@lotus.example
From: sip:caller@example.net;tag=341
Max-Forwards: 70
Call-ID: invut.0ha0isndaksdjadsfij34n23d
CSeq: 8 INVITE
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Contact: <sip:caller@host5.example.net>
Content-Type: application/unknownformat
Content-Length: SIZE

<audio>
 <pcmu port="443"/>
</audio>
"#,
    },
    Torture {
        name: "regaut01 3.3.7",
        fate: ASKED,
        text: "REGISTER sip:lotus.example SIP/2.0
To: sip:j.user@lotus.example
From: sip:j.user@lotus.example;tag=43251j3j324
Max-Forwards: 70
Call-ID: regaut01.0ha0isndaksdj
CSeq: 8 REGISTER
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Contact: sip:j.user@host.example.com
Authorization: NoOneKnowsThisScheme opaque-data=here
l: 0

",
    },
    Torture {
        name: "multi01 3.3.8",
        fate: BAD,
        text: "INVITE sip:user@lotus.example SIP/2.0
To: sip:user@lotus.example
From: sip:caller@example.net;tag=341
Max-Forwards: 70
Call-ID: multi01.98asdh@192.0.2.1
CSeq: 8 INVITE
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Contact: <sip:caller@host5.example.net>
Call-ID: multi01.98asdh@192.0.2.2
CSeq: 59 INVITE
From: sip:caller@example.com;tag=3413415
To: sip:user@example.net
Max-Forwards: 5
Content-Type: application/sdp
Content-Length: SIZE

v=0
o=mhandley 29739 7272939 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
m=audio 49217 RTP/AVP 0 12
",
    },
    Torture {
        name: "mcl01 3.3.9",
        fate: BAD,
        text: "OPTIONS sip:user@lotus.example SIP/2.0
To: sip:user@lotus.example
From: sip:caller@example.net;tag=323
Max-Forwards: 70
Call-ID: mcl01.fhn2323orihawfdoa3o4r52o3irsdf
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Content-Length: 13
Content-Length: 5
l: 0

",
    },
    Torture {
        name: "bcast 3.3.10",
        fate: Fate::Silence,
        text: "SIP/2.0 200 OK
Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23
Call-ID: bcast.0384840201234ksdfak3j2erwedfsASdf
CSeq: 35 INVITE
From: sip:user@example.com;tag=11141343
To: sip:user@lotus.example;tag=2229
Content-Length: 0
Contact: <sip:user@host28.example.com>

",
    },
    Torture {
        name: "zeromf 3.3.11",
        fate: Fate::Answered(483),
        text: "OPTIONS sip:user@lotus.example SIP/2.0
To: sip:user@lotus.example
From: sip:caller@example.net;tag=323
Max-Forwards: 0
Call-ID: zeromf.jfasdlfnm2o2l43r5u0asdfas
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
l: 0

",
    },
    Torture {
        name: "cparam01 3.3.12",
        fate: ASKED,
        text: "REGISTER sip:lotus.example SIP/2.0
To: sip:j.user@lotus.example
From: sip:j.user@lotus.example;tag=43251j3j324
Max-Forwards: 70
Call-ID: cparam01.70710@saturn.example.com
CSeq: 8 REGISTER
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Contact: sip:+19725552222@gw1.example.net;unknownparam
l: 0

",
    },
    Torture {
        name: "cparam02 3.3.13",
        fate: ASKED,
        text: "REGISTER sip:lotus.example SIP/2.0
To: sip:j.user@lotus.example
From: sip:j.user@lotus.example;tag=43251j3j324
Max-Forwards: 70
Call-ID: cparam02.70710@saturn.example.com
CSeq: 8 REGISTER
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Contact: <sip:+19725552222@gw1.example.net;unknownparam>
l: 0

",
    },
    Torture {
        name: "regescrt 3.3.14",
        fate: ASKED,
        text: "REGISTER sip:lotus.example SIP/2.0
To: sip:j.user@lotus.example
From: sip:j.user@lotus.example;tag=43251j3j324
Max-Forwards: 70
Call-ID: regescrt.k345asrl3fdbv@192.0.2.1
CSeq: 8 REGISTER
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>
l: 0

",
    },
    Torture {
        name: "sdp01 3.3.15",
        fate: ASKED,
        text: "INVITE sip:user@lotus.example SIP/2.0
To: sip:user@lotus.example
From: sip:caller@example.net;tag=341
Max-Forwards: 70
Call-ID: sdp01.ndaksdj9342dasdd
CSeq: 8 INVITE
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Contact: <sip:caller@host5.example.net>
Accept: text/nobodyKnowsThis
Content-Type: application/sdp
Content-Length: SIZE

v=0
o=mhandley 29739 7272939 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
m=audio 49217 RTP/AVP 0 12
",
    },
];
