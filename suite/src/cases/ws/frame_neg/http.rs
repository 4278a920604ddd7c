//! `ws/frame-neg/http-after-upgrade`: whether the HTTP server still listens on a connection that it has given away.

use super::LEGAL;
use crate::case::{Case, Experiment, Need};
use crate::declared::Reading;
use crate::http::Request;
use crate::judgement::{Judgement, Spot};
use crate::stage::Stage;
use crate::transcript::Transcript;
use crate::transport::Boxed;
use crate::ws::Frame;
use crate::ws::after_fault::{AfterFault, FAULT};
use crate::ws::outcome::opened;
use pushspec_reports::{Severity, printable};

/// What an HTTP response begins with, and the length of a whole status: `HTTP/1.1 400`.
const HTTP: &[u8] = b"HTTP/1.";
const STATUS_LINE: usize = "HTTP/1.1 400".len();

pub(super) fn case() -> Case {
    let fault = AfterFault::new(
        "an HTTP request behind the opening handshake",
        Vec::new(),
        vec![Frame::text(LEGAL)],
    );
    Case::new(
        "ws/frame-neg/http-after-upgrade",
        Severity::Minor,
        &[Need::Open],
        &[
            "rfc6455/5.1/server-closes-on-unmasked",
            "rfc6455/5.2/rsv-nonzero-fails",
            "rfc6455/10.7/validate-incoming",
        ],
        HttpAfterUpgrade(fault.raw(|stage| request(stage).encode())),
    )
    .about(
        "an HTTP request on a connection that has been upgraded",
        "the connection is failed: the request's first bytes are an illegal frame",
    )
}

/// "GE" is the header of a frame with RSV1, a reserved opcode and no mask, which announces 69 bytes. They are there: a target
/// may read a frame to its end before it judges it.
fn request(stage: &Stage) -> Request {
    let mut request = Request::get(&stage.setting);
    request.set(
        "User-Agent",
        "pushspec, and more than a frame of 69 bytes takes, whatever the host is called",
    );
    request
}

struct HttpAfterUpgrade(AfterFault);

impl Experiment for HttpAfterUpgrade {
    fn drive<'a>(&'a self, stage: &'a Stage) -> Boxed<'a, ()> {
        self.0.drive(stage)
    }

    fn judge(&self, transcript: &Transcript, reading: &Reading) -> Judgement {
        served(transcript).unwrap_or_else(|| self.0.judge(transcript, reading))
    }
}

/// The judgement on a target that answered the request in HTTP. A 400 on the way out is a clumsy way to notice.
fn served(transcript: &Transcript) -> Option<Judgement> {
    let heard = opened(transcript, FAULT).ok()?;
    let connection = transcript.connection(FAULT)?;
    let received = connection.received();
    let start = heard.frames_start() as usize;
    let frames = received.get(start..)?;
    // The name alone proves nothing: the reason of a Close may hold it.
    let at = frames.windows(STATUS_LINE).position(|bytes| {
        bytes.starts_with(HTTP) && bytes[8] == b' ' && bytes[9..].iter().all(u8::is_ascii_digit)
    })?;
    let line = frames[at..].split(|&byte| byte == b'\r').next()?;
    let noticed = line[..STATUS_LINE].ends_with(b"400");
    if noticed && connection.end().is_some() {
        return None;
    }
    let observed = format!(
        "the upgraded connection was taken for HTTP again: the request was answered by \"{}\"",
        printable(line, 60)
    );
    let offset = (start + at) as u64;
    Some(Judgement::fail(observed).at(Spot::received(FAULT, offset)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::scene::{Scene, transcript};
    use pushspec_reports::Verdict;

    fn served_by(scene: Scene) -> Option<Verdict> {
        served(&transcript([(FAULT, scene)])).map(|judgement| judgement.verdict)
    }

    #[test]
    fn a_response_shows_that_http_listens() {
        let page = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(served_by(Scene::new().they(page)), Some(Verdict::Fail));
        let refusal = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
        assert_eq!(served_by(Scene::new().they(refusal)), Some(Verdict::Fail));
        assert_eq!(served_by(Scene::new().they(refusal).fin()), None);
    }

    #[test]
    fn a_reason_that_names_http_is_no_response() {
        let scene = Scene::new().they_say([Frame::close(1002, "HTTP/1.1 request on a WebSocket")]);
        assert_eq!(served_by(scene), None);
    }
}
