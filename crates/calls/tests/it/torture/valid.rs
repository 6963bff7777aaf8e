//! Messages that are right, however they look: sections 3.1.1, 3.2 and 3.4 of the RFC.

use super::{Fate, Torture};

/// Nobody here is called so, so an INVITE is asked for its password before anything else.
const ASKED: Fate = Fate::Answered(401);

pub(super) const MESSAGES: &[Torture] = &[
    Torture {
        // Its To has a tag, of a call that is not known here.
        name: "wsinv 3.1.1.1",
        fate: Fate::Answered(481),
        text: r#"INVITE sip:202@lotus.example;unknownparam SIP/2.0
TO :
 sip:202@lotus.example ;   tag    = 1918181833n
from   : "J Kumar \\\""       <sip:201@lotus.example>
  ;
  tag = 98asjd8
MaX-fOrWaRdS: 0068
Call-ID: wsinv.ndaksdj@192.0.2.1
Content-Length   : SIZE
cseq: 0009
  INVITE
Via  : SIP  /   2.0
 /UDP
    HERE;branch=390skdjuw
s :
NewFangledHeader:   newfangled value
 continued newfangled value
UnknownHeaderWithUnusualValue: ;;,,;;,;
Content-Type: application/sdp
Route:
 <sip:services.example.com;lr;unknownwith=value;unknown-no-value>
v:  SIP  / 2.0  / TCP     spindle.example.com   ;
  branch  =   z9hG4bK9ikj8  ,
 SIP  /    2.0   / UDP  192.168.255.111   ; branch=
 z9hG4bK30239
m:"Quoted string \"\"" <sip:jdrosen@example.com> ; newparam =
      newvalue ;
  secondparam ; q = 0.33

v=0
o=mhandley 29739 7272939 IN IP4 192.0.2.3
s=-
c=IN IP4 192.0.2.4
t=0 0
m=audio 49217 RTP/AVP 0 12
"#,
    },
    Torture {
        name: "intmeth 3.1.1.2",
        fate: Fate::Answered(501),
        text: "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@lotus.example SIP/2.0
Via: SIP/2.0/UDP HERE;branch=z9hG4bK-.!%66*_+`'~
To: \"BEL:\\\u{7} NUL:\\\0 DEL:\\\u{7f}\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@lotus.example>
From: token1~` token2'+_ token3*%!.- <sip:mundane@lotus.example>;fromParam''~+*_!.-%=\"работающий\";tag=_token~1'+`*%!-.
Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{
CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~
Max-Forwards: 255
extensionHeader-!.%*+_`'~:大停電
Content-Length: 0

",
    },
    Torture {
        name: "esc01 3.1.1.3",
        fate: ASKED,
        text: "INVITE sip:sips%3Auser%40example.com@lotus.example SIP/2.0
To: sip:%75se%72@example.com
From: <sip:I%20have%20spaces@example.net>;tag=938
Max-Forwards: 87
i: esc01.239409asdfakjkn23onasd0-3234
CSeq: 234234 INVITE
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
C: application/sdp
Contact: <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>
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
        name: "escnull 3.1.1.4",
        fate: ASKED,
        text: "REGISTER sip:lotus.example SIP/2.0
To: sip:null-%00-null@lotus.example
From: sip:null-%00-null@lotus.example;tag=839923423
Max-Forwards: 70
Call-ID: escnull.39203ndfvkjdasfkq3w4otrq0adsfdfnavd
CSeq: 14398234 REGISTER
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Contact: <sip:%00@host5.example.com>
Contact: <sip:%00%00@host5.example.com>
L:0

",
    },
    Torture {
        name: "esc02 3.1.1.5",
        fate: Fate::Answered(501),
        text: r#"RE%47IST%45R sip:registrar.lotus.example SIP/2.0
To: "%Z%45" <sip:resource@lotus.example>
From: "%Z%45" <sip:resource@lotus.example>;tag=f232jadfj23
Call-ID: esc02.asdfnqwo34rq23i34jrjasdcnl23nrlknsdf
Via: SIP/2.0/UDP HERE;branch=z9hG4bK209%fzsnel234
CSeq: 29344 RE%47IST%45R
Max-Forwards: 70
Contact: <sip:alias1@host1.example.com>
C%6Fntact: <sip:alias2@host2.example.com>
Contact: <sip:alias3@host3.example.com>
l: 0

"#,
    },
    Torture {
        name: "lwsdisp 3.1.1.6",
        fate: Fate::Answered(200),
        text: "OPTIONS sip:user@lotus.example SIP/2.0
To: sip:user@lotus.example
From: caller<sip:caller@lotus.example>;tag=323
Max-Forwards: 70
Call-ID: lwsdisp.1234abcd@funky.example.com
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
l: 0

",
    },
    Torture {
        name: "dblreq 3.1.1.8",
        fate: ASKED,
        text: "REGISTER sip:lotus.example SIP/2.0
To: sip:j.user@lotus.example
From: sip:j.user@lotus.example;tag=43251j3j324
Max-Forwards: 8
I: dblreq.0ha0isndaksdj99sdfafnl3lk233412
Contact: sip:j.user@host.example.com
CSeq: 8 REGISTER
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw23492
Content-Length: 0


INVITE sip:joe@lotus.example SIP/2.0
t: sip:joe@lotus.example
From: sip:caller@example.net;tag=141334
Max-Forwards: 8
Call-ID: dblreq.0ha0isnda977644900765@192.0.2.15
CSeq: 8 INVITE
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw380234
Content-Type: application/sdp
Content-Length: 5

v=0
",
    },
    Torture {
        name: "semiuri 3.1.1.9",
        fate: Fate::Answered(200),
        text: "OPTIONS sip:user;par=u%40example.net@lotus.example SIP/2.0
To: sip:j_user@lotus.example
From: sip:caller@example.org;tag=33242
Max-Forwards: 3
Call-ID: semiuri.0ha0isndaksdj
CSeq: 8 OPTIONS
Accept: application/sdp, application/pkcs7-mime,
        multipart/mixed, multipart/signed,
        message/sip, message/sipfrag
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
l: 0

",
    },
    Torture {
        name: "transports 3.1.1.10",
        fate: Fate::Answered(200),
        text: "OPTIONS sip:user@lotus.example SIP/2.0
To: sip:user@lotus.example
From: <sip:caller@lotus.example>;tag=323
Max-Forwards: 70
Call-ID:  transports.kijh4akdnaqjkwendsasfdj
Accept: application/sdp
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP HERE;branch=z9hG4bKkdjuw
Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf
Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj
Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en
Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee
l: 0

",
    },
    Torture {
        name: "mpart01 3.1.1.11",
        fate: Fate::Answered(405),
        text: "MESSAGE sip:kumiko@lotus.example SIP/2.0
Via: SIP/2.0/UDP HERE;branch=z9hG4bK-d87543-4dade06d0bdb11ee-1--d87543-;rport
Max-Forwards: 70
Contact: <sip:fluffy@127.0.0.1:5070>
To: <sip:kumiko@lotus.example>
From: <sip:fluffy@example.com>;tag=2fb0dcc9
Call-ID: 3d9485ad0c49859b@Zmx1ZmZ5LW1hYy0xNi5sb2NhbA..
CSeq: 1 MESSAGE
Content-Transfer-Encoding: binary
Content-Type: multipart/mixed;boundary=7a9cbec02ceef655
Date: Sat, 15 Oct 2005 04:44:56 GMT
User-Agent: SIPimp.org/0.2.5 (curses)
Content-Length: SIZE

--7a9cbec02ceef655
Content-Type: text/plain
Content-Transfer-Encoding: binary

Hello
--7a9cbec02ceef655
Content-Type: application/octet-stream
Content-Transfer-Encoding: binary

\0\u{1}\u{7f}
--7a9cbec02ceef655--",
    },
    Torture {
        name: "unreason 3.1.1.12",
        fate: Fate::Silence,
        text: "SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое
Via: SIP/2.0/UDP HERE;branch=z9hG4bK1324923
Call-ID: unreason.1234ksdfak3j2erwedfsASdf
CSeq: 35 INVITE
From: sip:user@example.com;tag=11141343
To: sip:user@lotus.example;tag=2229
Content-Length: 0
Contact: <sip:user@host198.example.com>

",
    },
    Torture {
        name: "noreason 3.1.1.13",
        fate: Fate::Silence,
        text: "SIP/2.0 100\u{20}
Via: SIP/2.0/UDP HERE;branch=z9hG4bK2398ndaoe
Call-ID: noreason.asndj203insdf99223ndf
CSeq: 35 INVITE
From: <sip:user@example.com>;tag=39ansfi3
To: <sip:user@lotus.example>;tag=902jndnke3
Content-Length: 0
Contact: <sip:user@host105.example.com>

",
    },
    Torture {
        name: "badbranch 3.2.1",
        fate: Fate::Answered(200),
        text: "OPTIONS sip:user@lotus.example SIP/2.0
To: sip:user@lotus.example
From: sip:caller@example.org;tag=33242
Max-Forwards: 3
Via: SIP/2.0/UDP HERE;branch=z9hG4bK
Accept: application/sdp
Call-ID: badbranch.sadonfo23i420jv0as0derf3j3n
CSeq: 8 OPTIONS
l: 0

",
    },
    Torture {
        name: "inv2543 3.4.1",
        fate: ASKED,
        text: "INVITE sip:UserB@lotus.example SIP/2.0
Via: SIP/2.0/UDP HERE
From: <sip:UserA@example.com>
To: <sip:UserB@lotus.example>
Call-ID: inv2543.1717@ift.client.example.com
CSeq: 56 INVITE
Content-Type: application/sdp

v=0
o=mhandley 29739 7272939 IN IP4 192.0.2.5
s=-
c=IN IP4 192.0.2.5
t=0 0
m=audio 49217 RTP/AVP 0
",
    },
];
