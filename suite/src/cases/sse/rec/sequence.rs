//! The events of one stream on several connections: which of them are the same, which belong to one connection alone, and
//! whether all are places in one sequence. Only where they are can a loss be told: an id is any text (WHATWG HTML 9.2.4),
//! and may as well be a cursor over several sources, which every connection mixes in its own way.
//!
//! Nothing is known here of verdicts, nor of what a server promises.

use crate::sse::Read;
use pushspec_reports::printable;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

/// An event that names an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// What tells it apart: its id; where ids stand for several events, all of it.
    pub(super) label: String,
    /// When it came.
    pub(super) at: Duration,
    event: String,
    data: String,
    /// How many events without an id of their own stand behind it.
    followers: usize,
}

impl Named {
    /// Whether a page gets the same of both. Members of JSON may come in another order. Times are left out of account: where
    /// each connection stamps events with its own, two stamps are the same by chance.
    fn is_like(&self, other: &Self) -> bool {
        self.event == other.event && without_times(&self.data) == without_times(&other.data)
    }
}

/// Data, of JSON in one form, with `0` for each time: a date, a time of day, or seconds since 1970 and their thousandths,
/// millionths, billionths. Any other number is what the event says.
fn without_times(data: &str) -> String {
    let json = serde_json::from_str::<Value>(data);
    let data = json.map_or_else(|_| data.to_owned(), |value| value.to_string());
    let is_of_times = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.' | '-' | 'T' | 'Z');
    let mut left = data.as_str();
    let mut rest = String::with_capacity(data.len());
    while let Some(begin) = left.find(|c: char| c.is_ascii_digit()) {
        let run = &left[begin..];
        let run = &run[..run.find(|c| !is_of_times(c)).unwrap_or(run.len())];
        rest.push_str(&left[..begin]);
        rest.push_str(if is_time(run) { "0" } else { run });
        left = &left[begin + run.len()..];
    }
    rest + left
}

/// Whether digits, and what stands among them in times, are one.
fn is_time(run: &str) -> bool {
    let whole = run.split('.').next().unwrap_or_default();
    let is_of_day = run.matches(':').count() == 2;
    let is_date = whole.len() >= 10 && whole.matches('-').count() == 2;
    // From 2001 to 2033.
    let is_epoch = matches!(whole.len(), 10 | 13 | 16 | 19) && whole.starts_with('1');
    is_of_day || is_date || is_epoch && whole.bytes().all(|byte| byte.is_ascii_digit())
}

/// Why streams are no part of one sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unlike {
    /// This one came on one connection, and not on another that was open too.
    Foreign(String),
    /// What two connections have that were open at the same time stands in another order.
    Order,
    /// This id stands for several events.
    Recurs(String),
}

/// What came again under the same id, and is another event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Changed<'a> {
    /// Its label.
    pub(super) label: &'a str,
    /// What it was, and what it became: type and data.
    pub(super) was: String,
    pub(super) is: String,
}

/// The events of one connection that name an id, in order, and where each label stands first.
#[derive(Debug, Default)]
pub(super) struct Stream {
    pub(super) events: Vec<Named>,
    places: HashMap<String, usize>,
}

impl Stream {
    fn of(events: Vec<Named>) -> Self {
        let mut places = HashMap::new();
        for (place, named) in events.iter().enumerate() {
            places.entry(named.label.clone()).or_insert(place);
        }
        Self { events, places }
    }

    /// What tells the events apart.
    pub(super) fn labels(&self) -> Vec<&str> {
        let events = self.events.iter();
        events.map(|named| named.label.as_str()).collect()
    }

    /// Where the first event stands that has the label of this one.
    fn place(&self, wanted: &Named) -> Option<usize> {
        self.places.get(&wanted.label).copied()
    }

    /// That event.
    fn same(&self, wanted: &Named) -> Option<&Named> {
        self.place(wanted).map(|place| &self.events[place])
    }

    /// The events that another stream has too.
    fn shared<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a Named> {
        let events = self.events.iter();
        events.filter(|named| other.place(named).is_some())
    }

    /// The first label that two events have.
    fn twice(&self) -> Option<&Named> {
        let mut events = self.events.iter().enumerate();
        let twice = events.find(|(index, named)| self.place(named) != Some(*index));
        twice.map(|(_, named)| named)
    }

    fn without(self, types: &BTreeSet<String>) -> Self {
        let mut events = self.events;
        events.retain(|named| !types.contains(&named.event));
        Self::of(events)
    }
}

/// One stream on three connections.
#[derive(Debug)]
pub(super) struct Sequences {
    /// Never cut.
    pub(super) whole: Stream,
    /// Cut.
    pub(super) cut: Stream,
    /// Asked for again.
    pub(super) came: Stream,
    /// Types and data of the events that came again without an id.
    came_bare: HashSet<(String, String)>,
}

impl Sequences {
    /// What three connections have. Types of events that no two of them share, such as a greeting or a heartbeat with an id
    /// of its own, belong to a connection, and are left out of account.
    pub(super) fn of(whole: &Read, cut: &Read, came: &Read) -> Self {
        let bare = came.events.iter().filter(|got| got.id.is_empty());
        let came_bare = bare.map(|got| (got.event.clone(), got.data.clone()));
        let came_bare = came_bare.collect();
        let mut streams = [whole, cut, came].map(named);
        let mut known = HashSet::new();
        if !streams[0]
            .iter()
            .all(|named| known.insert(named.label.clone()))
        {
            for named in streams.iter_mut().flatten() {
                named.label = format!("{} ({}: {})", named.label, named.event, named.data);
            }
        }
        let [whole, cut, came] = streams.map(Stream::of);
        let all = Self {
            whole,
            cut,
            came,
            came_bare,
        };
        let own = all.types_of_one_connection();
        Self {
            whole: all.whole.without(&own),
            cut: all.cut.without(&own),
            came: all.came.without(&own),
            ..all
        }
    }

    fn types_of_one_connection(&self) -> BTreeSet<String> {
        let with_cut = self.whole.shared(&self.cut);
        let shared = with_cut.chain(self.whole.shared(&self.came));
        let shared: BTreeSet<&str> = shared.map(|named| named.event.as_str()).collect();
        let foreign = self.foreign().map(|named| named.event.clone());
        foreign
            .filter(|event| !shared.contains(event.as_str()))
            .collect()
    }

    /// Events that came on one connection, and not on another that was open too.
    fn foreign(&self) -> impl Iterator<Item = &Named> {
        let is_shared = |named: &&Named| self.whole.place(named).is_some();
        let of_cut = self.cut.events.iter();
        let of_cut = of_cut.skip_while(move |named| !is_shared(named));
        let of_either = of_cut.chain(&self.came.events);
        // Those of the stream that was never cut, while the other one stood.
        let mut both = self.cut.shared(&self.whole);
        let begin = both.next().and_then(|named| self.whole.place(named));
        let while_both = &self.whole.events[begin.unwrap_or(0)..self.seen().unwrap_or(0)];
        let of_whole = while_both
            .iter()
            .filter(|named| self.cut.place(named).is_none());
        of_either
            .filter(move |named| !is_shared(named))
            .chain(of_whole)
    }

    /// How many events of the stream that was never cut the client has seen, or would have: up to the last that it shares.
    pub(super) fn seen(&self) -> Option<usize> {
        self.behind(&self.cut)
    }

    /// The place behind the last event of the stream that was never cut which came again.
    pub(super) fn furthest(&self) -> usize {
        self.behind(&self.came).unwrap_or(0)
    }

    /// The place behind the last event of the stream that was never cut which this one has too.
    fn behind(&self, stream: &Stream) -> Option<usize> {
        let shared = stream.shared(&self.whole);
        let last = shared.filter_map(|named| self.whole.place(named)).max();
        last.map(|last| last + 1)
    }

    /// What shows that these are no parts of one sequence, if anything does.
    pub(super) fn unlike(&self) -> Option<Unlike> {
        if let Some(named) = self.whole.twice().or_else(|| self.stands_for_several()) {
            return Some(Unlike::Recurs(named.label.clone()));
        }
        if let Some(named) = self.foreign().next() {
            return Some(Unlike::Foreign(named.label.clone()));
        }
        // Of what comes again the order is the server's word on the sequence, and judged.
        let places = self.cut.events.iter();
        let places = places.filter_map(|named| self.whole.place(named));
        let mut known = HashSet::new();
        let in_order = places.filter(|place| known.insert(*place)).is_sorted();
        (!in_order).then_some(Unlike::Order)
    }

    /// Whether events that have the same label are the same, where nobody came back.
    fn same_content(&self) -> bool {
        let shared = || self.cut.shared(&self.whole);
        shared().next().is_some()
            && shared().all(|named| self.whole.same(named).is_some_and(|it| it.is_like(named)))
    }

    /// An event whose id stood for another one before, which the client has.
    fn stands_for_several(&self) -> Option<&Named> {
        let seen = self.seen().filter(|_| self.same_content())?;
        self.came.events.iter().find(|named| {
            let known = self.whole.place(named).filter(|place| *place < seen);
            let known = known.map(|place| &self.whole.events[place]);
            let mut before = known.into_iter().chain(self.came.same(named));
            before.any(|it| !it.is_like(named))
        })
    }

    /// What came of those that the client missed, up to the place `due`, and is another event.
    pub(super) fn changed(&self, due: usize) -> Vec<Changed<'_>> {
        if !self.same_content() {
            return Vec::new();
        }
        let pairs = self.missed(due).iter();
        let pairs = pairs.filter_map(|was| Some((was, self.came.same(was)?)));
        let changed = pairs.filter(|(was, is)| !was.is_like(is));
        changed
            .map(|(was, is)| {
                let (was_text, is_text) = match was.event == is.event {
                    true => (quoted(&was.data), quoted(&is.data)),
                    false => (of_type(&was.event), of_type(&is.event)),
                };
                Changed {
                    label: &was.label,
                    was: was_text,
                    is: is_text,
                }
            })
            .collect()
    }

    /// How many events without an id of their own the client missed and did not get, between events that it got.
    pub(super) fn followers_lost(&self, due: usize) -> usize {
        let pairs = self.missed(due).windows(2);
        let lost = pairs.filter_map(|pair| {
            let (this, next) = (self.came.place(&pair[0])?, self.came.place(&pair[1])?);
            let got = self.came.events.get(this).filter(|_| next == this + 1)?;
            Some(pair[0].followers.saturating_sub(got.followers))
        });
        lost.sum()
    }

    /// How many of the events that the client missed came, and without their ids.
    pub(super) fn bared(&self, due: usize) -> usize {
        let missed = self.missed(due).iter();
        let bared = missed.filter(|was| {
            let content = (was.event.clone(), was.data.clone());
            self.came.place(was).is_none() && self.came_bare.contains(&content)
        });
        bared.count()
    }

    /// What the stream that was never cut has behind what the client has seen, up to the place `due`.
    fn missed(&self, due: usize) -> &[Named] {
        let seen = self.seen().unwrap_or(due).min(due);
        &self.whole.events[seen..due]
    }
}

/// The events that name an id, in order.
fn named(read: &Read) -> Vec<Named> {
    let mut named: Vec<Named> = Vec::new();
    for got in &read.events {
        match (got.names_id && !got.id.is_empty(), named.last_mut()) {
            (true, _) => named.push(Named {
                label: got.id.clone(),
                at: got.at,
                event: got.event.clone(),
                data: got.data.clone(),
                followers: 0,
            }),
            (false, Some(before)) => before.followers += 1,
            (false, None) => {}
        }
    }
    named
}

fn quoted(data: &str) -> String {
    format!("\"{}\"", printable(data.as_bytes(), 40))
}

fn of_type(event: &str) -> String {
    format!("an event of type {}", quoted(event))
}
