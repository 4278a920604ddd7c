//! What an everyday client told of one request, in the terms in which cases judge it.

use super::Read;
use crate::judgement::Judgement;
use crate::transcript::{Told, Transcript, What};
use pushspec_reports::Verdict;
use std::time::Duration;

/// A redirect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// Its status.
    pub status: u16,
    /// Where it leads.
    pub to: String,
    /// Whether the client followed it.
    pub followed: bool,
}

/// All that was told.
#[derive(Debug, Clone, Default)]
pub struct Visited {
    /// When it asked.
    pub asked: Duration,
    /// Redirects, in order.
    pub hops: Vec<Hop>,
    /// The names of the cookies that it was given, in order; one may come again.
    pub given: Vec<String>,
    /// The names of the cookies that it sent with its last request.
    pub sent: Vec<String>,
    /// The status of the answer that counts.
    pub status: Option<u16>,
    /// The value of its Content-Type.
    pub content_type: Option<String>,
    /// What it read, codings taken off.
    pub read: Read,
    /// Whether it read all.
    pub over: bool,
    /// Whether it was stopped, because more came than a case reads.
    pub cut: bool,
    /// Why it gave up.
    pub gave_up: Option<String>,
    waited: Option<Duration>,
}

impl Visited {
    /// What was told under this label.
    ///
    /// # Errors
    /// A judgement: inconclusive, because no connection could be had, or nothing was asked; skipped, because there is no such client
    /// on this machine.
    pub fn of(transcript: &Transcript, label: &str) -> Result<Self, Judgement> {
        let Some(connection) = transcript.connection(label) else {
            return Err(Judgement::inconclusive(format!("{label}: never asked")));
        };
        if let Some(reason) = connection.not_connected() {
            return Err(Judgement::inconclusive(reason).to_confirm_alone());
        }
        let mut visited = Self {
            waited: connection.timed_out().map(|(_, waited)| waited),
            ..Self::default()
        };
        let mut content = Vec::new();
        for event in &connection.events {
            let What::Told(told) = &event.what else {
                visited.cut |= event.what == What::Full;
                continue;
            };
            match told {
                Told::Absent(reason) => {
                    let observed = format!("needs a client of its own: {reason}");
                    return Err(Judgement::new(Verdict::Skip, observed));
                }
                Told::Asks(_) => visited.asked = event.at,
                Told::SendsCookies(names) => visited.sent.clone_from(names),
                Told::GotCookies(names) => visited.given.extend_from_slice(names),
                Told::Redirected {
                    status,
                    to,
                    followed,
                } => {
                    // The next request tells anew.
                    visited.sent.clear();
                    visited.hops.push(Hop {
                        status: *status,
                        to: to.clone(),
                        followed: *followed,
                    });
                }
                Told::Answered {
                    status,
                    content_type,
                } => {
                    visited.status = Some(*status);
                    visited.content_type.clone_from(content_type);
                }
                Told::Content(bytes) => content.push((event.at, bytes.to_vec())),
                Told::Over => visited.over = true,
                Told::GaveUp(why) => visited.gave_up = Some(why.clone()),
            }
        }
        visited.read = Read::of_content(content);
        Ok(visited)
    }

    /// Whether it is an event stream to an EventSource.
    pub fn is_event_stream(&self) -> bool {
        let essence = self.content_type.as_deref().unwrap_or_default();
        let essence = essence.split(';').next().unwrap_or_default().trim();
        self.status == Some(200) && essence.eq_ignore_ascii_case("text/event-stream")
    }

    /// Whether nothing came, not even a refusal.
    pub fn is_silent(&self) -> bool {
        self.status.is_none() && self.gave_up.is_none()
    }

    /// What came, as a noun.
    pub fn in_words(&self) -> String {
        match (self.status, &self.content_type, &self.gave_up, self.waited) {
            (Some(status), _, _, _) if self.is_event_stream() => {
                format!("{status} and an event stream")
            }
            (Some(status), Some(content_type), _, _) if status < 300 => {
                format!("{status} and {content_type}")
            }
            (Some(status), _, _, _) => status.to_string(),
            (None, _, Some(why), _) => format!("nothing that it can read ({why})"),
            (None, _, None, Some(waited)) => {
                format!("no response within {} s", waited.as_secs_f32())
            }
            (None, _, None, None) => "no response".into(),
        }
    }
}
