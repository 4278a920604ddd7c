//! What a judge says of a transcript: a verdict, what was seen, and where.

use pushspec_reports::{Direction, Verdict};

/// A spot in a transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// The connection's label.
    pub connection: &'static str,
    /// Who sent the bytes.
    pub direction: Direction,
    /// Bytes from the start of what was sent that way.
    pub offset: u64,
}

impl Spot {
    /// A spot in what the target sent.
    pub fn received(connection: &'static str, offset: u64) -> Self {
        Self {
            connection,
            direction: Direction::Received,
            offset,
        }
    }
}

/// The smallest of many exchanges that shows what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smallest {
    /// The connection on which it was played. The others are but attempts, and a report leaves them out.
    pub connection: &'static str,
    /// In the form that `pushspec check --replay` reads.
    pub exchange: serde_json::Value,
}

/// What a judge says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// What the target did, in one sentence.
    pub observed: String,
    /// The requirement that decides, where it is not the first that the case examines.
    pub requirement: Option<&'static str>,
    /// The points that the documents leave open and that it rests on: ids of the register.
    pub ambiguities: Vec<&'static str>,
    /// Where it was seen.
    pub spot: Option<Spot>,
    /// The smallest exchange that shows it; only of cases that generate what they send.
    pub smallest: Option<Box<Smallest>>,
    /// Whether the verdict rests on an answer that did not come: it stands only if the target is healthy.
    pub rests_on_silence: bool,
    /// Whether the verdict may be owed to the cases that ran beside: it stands only if it comes again alone.
    pub confirm_alone: bool,
}

impl Judgement {
    /// A judgement with any verdict.
    pub fn new(verdict: Verdict, observed: impl Into<String>) -> Self {
        Self {
            verdict,
            observed: observed.into(),
            requirement: None,
            ambiguities: Vec::new(),
            spot: None,
            smallest: None,
            rests_on_silence: false,
            confirm_alone: false,
        }
    }

    /// The expectation is met.
    pub fn pass(observed: impl Into<String>) -> Self {
        Self::new(Verdict::Pass, observed)
    }

    /// A MUST is broken.
    pub fn fail(observed: impl Into<String>) -> Self {
        Self::new(Verdict::Fail, observed)
    }

    /// A SHOULD is missed, or a contestable MUST.
    pub fn warn(observed: impl Into<String>) -> Self {
        Self::new(Verdict::Warn, observed)
    }

    /// Recorded.
    pub fn info(observed: impl Into<String>) -> Self {
        Self::new(Verdict::Info, observed)
    }

    /// Nothing can be said.
    pub fn inconclusive(observed: impl Into<String>) -> Self {
        Self::new(Verdict::Inconclusive, observed)
    }

    /// Marks a verdict that rests on an answer that did not come.
    #[must_use]
    pub fn resting_on_silence(mut self) -> Self {
        self.rests_on_silence = true;
        self
    }

    /// Marks a verdict that may be owed to the cases that ran beside.
    #[must_use]
    pub fn to_confirm_alone(mut self) -> Self {
        self.confirm_alone = true;
        self
    }

    /// Names the requirement that decides.
    #[must_use]
    pub fn by(mut self, requirement: &'static str) -> Self {
        self.requirement = Some(requirement);
        self
    }

    /// Names the connection that shows it, and what was said on it.
    #[must_use]
    pub fn shown_by(mut self, smallest: Smallest) -> Self {
        self.smallest = Some(Box::new(smallest));
        self
    }

    /// Names a point that the documents leave open: read in another way, the verdict would be another.
    #[must_use]
    pub fn resting_on(mut self, ambiguity: &'static str) -> Self {
        self.ambiguities.push(ambiguity);
        self
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, spot: Spot) -> Self {
        self.spot = Some(spot);
        self
    }
}
