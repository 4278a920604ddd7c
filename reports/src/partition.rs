//! Parts of a run, so that several machines share it. Which case is in which part depends on its id and on nothing else: a
//! case that is added moves no other.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One part of several, written `hash:2/4`.
///
/// ```
/// use pushspec_reports::Partition;
/// let parts: Vec<Partition> = (1..=4).map(|index| format!("hash:{index}/4").parse().unwrap()).collect();
/// let holders = parts.iter().filter(|part| part.holds("ws/hs/minimal"));
/// assert_eq!(holders.count(), 1);
/// assert!("hash:5/4".parse::<Partition>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String"))]
#[serde(try_from = "String", into = "String")]
pub struct Partition {
    index: u32,
    of: u32,
}

/// A text that names no part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionError(String);

impl fmt::Display for PartitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no part: write hash:2/4 for the second of four",
            self.0
        )
    }
}

impl std::error::Error for PartitionError {}

impl Partition {
    /// The part with this index, from 1 to `of`.
    pub(crate) const fn new(index: u32, of: u32) -> Self {
        Self { index, of }
    }

    /// Which part it is, from 1.
    pub const fn index(self) -> u32 {
        self.index
    }

    /// How many parts there are.
    pub const fn of(self) -> u32 {
        self.of
    }

    /// Whether a case with this id is in this part.
    pub fn holds(self, id: &str) -> bool {
        hash(id) % u64::from(self.of) + 1 == u64::from(self.index)
    }
}

/// What stands for these cases, in whatever order: two runs of the same cases have the same.
///
/// ```
/// use pushspec_reports::selection;
/// assert_eq!(selection(["ws/a/b", "ws/a/c"]), selection(["ws/a/c", "ws/a/b"]));
/// assert_ne!(selection(["ws/a/b"]), selection(["ws/a/b", "ws/a/c"]));
/// ```
pub fn selection<'a>(cases: impl IntoIterator<Item = &'a str>) -> String {
    let mut cases: Vec<&str> = cases.into_iter().collect();
    cases.sort_unstable();
    format!("{}-{:08x}", cases.len(), hash(&cases.join("\n")))
}

/// FNV-1a, with its bits mixed: it is the same on every machine and in every release.
fn hash(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
}

impl FromStr for Partition {
    type Err = PartitionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || PartitionError(text.into());
        let (index, of) = text
            .strip_prefix("hash:")
            .and_then(|rest| rest.split_once('/'))
            .ok_or_else(wrong)?;
        let number = |text: &str| text.parse::<u32>().map_err(|_| wrong());
        let (index, of) = (number(index)?, number(of)?);
        if index == 0 || index > of {
            return Err(wrong());
        }
        Ok(Self { index, of })
    }
}

impl TryFrom<String> for Partition {
    type Error = PartitionError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Partition> for String {
    fn from(partition: Partition) -> Self {
        partition.to_string()
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hash:{}/{}", self.index, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_is_in_one_part_and_parts_are_of_a_size() {
        let ids: Vec<String> = (0..1000)
            .map(|index| format!("ws/frame/echo-text-{index}"))
            .collect();
        for of in [1, 2, 3, 4, 7] {
            let parts: Vec<Partition> = (1..=of).map(|index| Partition { index, of }).collect();
            for id in &ids {
                assert_eq!(
                    parts.iter().filter(|part| part.holds(id)).count(),
                    1,
                    "{id}"
                );
            }
            for part in parts {
                let size = ids.iter().filter(|id| part.holds(id)).count();
                let fair = 1000 / of as usize;
                assert!(
                    (fair * 3 / 4..=fair * 5 / 4).contains(&size),
                    "{part}: {size}"
                );
            }
        }
    }

    #[test]
    fn the_parts_are_those_of_earlier_releases() {
        let part = |id: &str| (1..=4).find(|&index| Partition { index, of: 4 }.holds(id));
        let ids = ["ws/hs/minimal", "ws/ctl/ping-empty", "sse/resp/ordinary"];
        assert_eq!(ids.map(part), [Some(2), Some(4), Some(2)]);
    }

    #[test]
    fn what_is_no_part_is_refused() {
        for text in [
            "",
            "hash:",
            "hash:1",
            "hash:0/2",
            "hash:3/2",
            "2/4",
            "hash:a/b",
            "hash:1/0",
            "count:1/2",
        ] {
            assert!(text.parse::<Partition>().is_err(), "{text}");
        }
        let part: Partition = "hash:2/4".parse().expect("a part");
        assert_eq!(
            (part.index(), part.of(), part.to_string().as_str()),
            (2, 4, "hash:2/4")
        );
    }
}
