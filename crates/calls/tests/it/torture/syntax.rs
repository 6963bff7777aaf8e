//! Messages that are wrong: section 3.1.2 of the RFC.

use super::{Fate, Torture};

const BAD: Fate = Fate::Answered(400);
const ASKED: Fate = Fate::Answered(401);

pub(super) const MESSAGES: &[Torture] = &[
    Torture {
        // The RFC advises 400; separators with nothing between them are passed over here.
        name: "badinv01 3.1.2.1",
        fate: ASKED,
        text: r#"INVITE sip:user@lotus.example SIP/2.0
To: sip:user@lotus.example
From: sip:caller@example.net;tag=341
Max-Forwards: 70
Call-ID: badinv01.0ha0isndaksdjasdf3234nas
CSeq: 8 INVITE
Via: SIP/2.0/UDP HERE;;,;,,
Contact: "Joe" <sip:joe@example.org>;;;;
Content-Type: application/sdp
Content-Length: SIZE

v=0
o=mhandley 29739 7272939 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
m=audio 49217 RTP/AVP 0 12
"#,
    },
    Torture {
        name: "clerr 3.1.2.2",
        fate: BAD,
        text: "INVITE sip:user@lotus.example SIP/2.0
To: sip:user@lotus.example
From: sip:caller@example.net;tag=341
Max-Forwards: 70
Call-ID: clerr.0ha0isndaksdjweiafasdk3
CSeq: 8 INVITE
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Contact: <sip:caller@host5.example.net>
Content-Type: application/sdp
Content-Length: 9999

v=0
o=mhandley 29739 7272939 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
m=audio 49217 RTP/AVP 0 12
",
    },
    Torture {
        name: "ncl 3.1.2.3",
        fate: BAD,
        text: "INVITE sip:user@lotus.example SIP/2.0
To: sip:user@lotus.example
From: sip:caller@example.net;tag=341
Max-Forwards: 70
Call-ID: ncl.0ha0isndaksdj2193423r542w35
CSeq: 8 INVITE
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Contact: <sip:caller@host5.example.net>
Content-Type: application/sdp
Content-Length: -999

v=0
o=mhandley 29739 7272939 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
m=audio 49217 RTP/AVP 0 12
",
    },
    Torture {
        name: "scalar02 3.1.2.4",
        fate: BAD,
        text: "REGISTER sip:lotus.example SIP/2.0
To: sip:j.user@lotus.example
From: sip:j.user@lotus.example;tag=43251j3j324
Max-Forwards: 300
Call-ID: scalar02.23o0pd9vanlq3wnrlnewofjas9ui32
CSeq: 36893488147419103232 REGISTER
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Contact: sip:j.user@host.example.com
Expires: 10000000000
l: 0

",
    },
    Torture {
        name: "scalarlg 3.1.2.5",
        fate: Fate::Silence,
        text: r#"SIP/2.0 503 Service Unavailable
Via: SIP/2.0/UDP HERE;branch=z9hG4bKzzxdiwo34sw;received=192.0.2.129
To: <sip:user@example.com>
From: <sip:other@example.net>;tag=2easdjfejw
CSeq: 9292394834772304023312 OPTIONS
Call-ID: scalarlg.noase0of0234hn2qofoaf0232aewf2394r
Retry-After: 949302838503028349304023988
Warning: 1812 overture "In Progress"
Content-Length: 0

"#,
    },
    Torture {
        name: "quotbal 3.1.2.6",
        fate: BAD,
        text: r#"INVITE sip:user@lotus.example SIP/2.0
To: "Mr. J. User <sip:j.user@lotus.example>
From: sip:caller@example.net;tag=341
Max-Forwards: 70
Call-ID: quotbal.aksdj
CSeq: 8 INVITE
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Contact: <sip:caller@host5.example.net>
Content-Type: application/sdp
Content-Length: SIZE

v=0
o=mhandley 29739 7272939 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
m=audio 49217 RTP/AVP 0 12
"#,
    },
    Torture {
        name: "ltgtruri 3.1.2.7",
        fate: BAD,
        text: "INVITE <sip:user@lotus.example> SIP/2.0
To: sip:user@lotus.example
From: sip:caller@example.net;tag=341
Max-Forwards: 70
Call-ID: ltgtruri.1@192.0.2.5
CSeq: 8 INVITE
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Contact: <sip:caller@host5.example.net>
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
        name: "lwsruri 3.1.2.8",
        fate: BAD,
        text: "INVITE sip:user@lotus.example; lr SIP/2.0
To: sip:user@lotus.example
From: sip:caller@example.net;tag=341
Max-Forwards: 70
Call-ID: lwsruri.asdfasdoeoi2323-asdfwrn23-asd834rk423
CSeq: 8 INVITE
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Contact: <sip:caller@host5.example.net>
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
        name: "lwsstart 3.1.2.9",
        fate: BAD,
        text: "INVITE  sip:user@lotus.example  SIP/2.0
To: sip:user@lotus.example
From: sip:caller@example.net;tag=341
Max-Forwards: 70
Call-ID: lwsstart.dfknq234oi243099adsdfnawe3@example.com
CSeq: 8 INVITE
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Contact: <sip:caller@host5.example.net>
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
        name: "trws 3.1.2.10",
        fate: BAD,
        text: "OPTIONS sip:user@lotus.example SIP/2.0\u{20}\u{20}
To: sip:user@lotus.example
From: sip:caller@example.net;tag=323
Max-Forwards: 70
Call-ID: trws.oicu34958239neffasdhr2345r
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
l: 0

",
    },
    Torture {
        name: "escruri 3.1.2.11",
        fate: BAD,
        text: "INVITE sip:user@lotus.example?Route=%3Csip:example.com%3E SIP/2.0
To: sip:user@lotus.example
From: sip:caller@example.net;tag=341
Max-Forwards: 70
Call-ID: escruri.23940-asdfhj-aje3br-234q098w-fawerh2q-h4n5
CSeq: 8 INVITE
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Contact: <sip:caller@host5.example.net>
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
        name: "baddate 3.1.2.12",
        fate: ASKED,
        text: "INVITE sip:user@lotus.example SIP/2.0
To: sip:user@lotus.example
From: sip:caller@example.net;tag=341
Max-Forwards: 70
Call-ID: baddate.239423mnsadf3j23lj42--sedfnm234
CSeq: 8 INVITE
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Contact: <sip:caller@host5.example.net>
Date: Fri, 01 Jan 2010 16:00:00 EST
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
        // Nobody's contacts are looked at before he has shown who he is.
        name: "regbadct 3.1.2.13",
        fate: ASKED,
        text: "REGISTER sip:lotus.example SIP/2.0
To: sip:j.user@lotus.example
From: sip:j.user@lotus.example;tag=43251j3j324
Max-Forwards: 70
Call-ID: regbadct.k345asrl3fdbv@10.0.0.1
CSeq: 8 REGISTER
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E
l: 0

",
    },
    Torture {
        name: "badaspec 3.1.2.14",
        fate: Fate::Answered(200),
        text: r#"OPTIONS sip:user@lotus.example SIP/2.0
To: "Watson, Thomas" < sip:t.watson@lotus.example >
From: sip:caller@example.net;tag=323
Max-Forwards: 70
Call-ID: badaspec.sdf0234n2nds0a099u23h3hnnw009cdkne3
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
l: 0

"#,
    },
    Torture {
        name: "baddn 3.1.2.15",
        fate: Fate::Answered(200),
        text: "OPTIONS sip:user@lotus.example SIP/2.0
To: sip:user@lotus.example
From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43
Max-Forwards: 70
Call-ID: baddn.31415@c.example.com
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
l: 0

",
    },
    Torture {
        name: "badvers 3.1.2.16",
        fate: Fate::Answered(505),
        text: "OPTIONS sip:t.watson@lotus.example SIP/7.0
To: sip:user@lotus.example
From: sip:caller@example.net;tag=323
Max-Forwards: 70
Call-ID: badvers.31417@c.example.com
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
l: 0

",
    },
    Torture {
        name: "mismatch01 3.1.2.17",
        fate: BAD,
        text: "OPTIONS sip:user@lotus.example SIP/2.0
To: sip:user@lotus.example
From: sip:caller@example.net;tag=323
Max-Forwards: 70
Call-ID: mismatch01.dj0234sxdfl3
CSeq: 8 INVITE
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
l: 0

",
    },
    Torture {
        name: "mismatch02 3.1.2.18",
        fate: BAD,
        text: "NEWMETHOD sip:user@lotus.example SIP/2.0
To: sip:user@lotus.example
From: sip:caller@example.net;tag=323
Max-Forwards: 70
Call-ID: mismatch02.dj0234sxdfl3
CSeq: 8 INVITE
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
l: 0

",
    },
    Torture {
        name: "bigcode 3.1.2.19",
        fate: Fate::Silence,
        text: "SIP/2.0 4294967301 better not break the receiver
Via: SIP/2.0/UDP HERE;branch=z9hG4bK2398ndaoe
Call-ID: bigcode.asdof3uj203asdnf3429uasdhfas3ehjasdfas9i
CSeq: 353494 INVITE
From: <sip:user@example.com>;tag=39ansfi3
To: <sip:user@lotus.example>;tag=902jndnke3
Content-Length: 0
Contact: <sip:user@host105.example.com>

",
    },
];
