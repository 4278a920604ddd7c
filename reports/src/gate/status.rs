//! The exit statuses, their numbers and their precedence. Nothing here knows how one is come to.

use serde::{Deserialize, Serialize};

/// The exit statuses of `pushspec check`. In a report each stands as its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "u8", into = "u8")]
pub enum ExitStatus {
    /// 0: judged, and the gate is met.
    Met,
    /// 1: the gate is not met.
    NotMet,
    /// 2: usage or configuration is wrong; nothing ran.
    Usage,
    /// 3: nothing sound was judged, or not all that was asked for.
    Unsound,
    /// 4: pushspec itself went wrong.
    OwnError,
}

impl ExitStatus {
    /// Every status, in the order of its number.
    pub const ALL: [Self; 5] = [
        Self::Met,
        Self::NotMet,
        Self::Usage,
        Self::Unsound,
        Self::OwnError,
    ];

    /// The number that the process ends with.
    pub const fn code(self) -> u8 {
        match self {
            Self::Met => 0,
            Self::NotMet => 1,
            Self::Usage => 2,
            Self::Unsound => 3,
            Self::OwnError => 4,
        }
    }

    /// The one that speaks for both: 2 before 4 before 1 before 3 before 0.
    ///
    /// ```
    /// use pushspec_reports::gate::ExitStatus;
    /// assert_eq!(ExitStatus::Unsound.worse(ExitStatus::NotMet), ExitStatus::NotMet);
    /// ```
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let rank = |status| match status {
            Self::Met => 0,
            Self::Unsound => 1,
            Self::NotMet => 2,
            Self::OwnError => 3,
            Self::Usage => 4,
        };
        if rank(other) > rank(self) {
            other
        } else {
            self
        }
    }
}

impl From<ExitStatus> for u8 {
    fn from(status: ExitStatus) -> Self {
        status.code()
    }
}

impl TryFrom<u8> for ExitStatus {
    type Error = String;

    fn try_from(code: u8) -> Result<Self, Self::Error> {
        let found = Self::ALL.into_iter().find(|status| status.code() == code);
        found.ok_or_else(|| format!("{code} is no exit status of pushspec: 0 to 4"))
    }
}
