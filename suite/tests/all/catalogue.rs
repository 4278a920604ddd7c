//! The catalogue is sound: ids, requirements, and what a report says of each case.

use pushspec::case::Need;
use pushspec::{Protocol, cases, passive};
use pushspec_spec::catalogue as requirements;
use std::collections::HashSet;

const PROTOCOLS: [Protocol; 2] = [Protocol::WebSocket, Protocol::EventStream];

/// Every id in the catalogue with the requirements it cites, passive checks included.
fn entries() -> Vec<(String, &'static [&'static str], String, String)> {
    let mut entries = Vec::new();
    for protocol in PROTOCOLS {
        for case in cases::catalogue(protocol) {
            entries.push((case.id, case.requirements, case.title, case.expected));
        }
        for check in passive::checks(protocol) {
            entries.push((
                check.id.into(),
                check.requirements,
                check.title.into(),
                check.expected.into(),
            ));
        }
    }
    entries
}

#[test]
fn ids_are_unique_and_well_formed() {
    let mut seen = HashSet::new();
    for (id, ..) in entries() {
        let sound = |segment: &str| {
            !segment.is_empty()
                && segment
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        assert!(id.split('/').all(sound), "{id}: segments of [a-z0-9-]+");
        assert!(seen.insert(id.clone()), "{id} stands twice");
    }
}

#[test]
fn cases_need_what_their_protocol_has() {
    for protocol in PROTOCOLS {
        for case in cases::catalogue(protocol) {
            let fits = |need: &Need| need.protocol().is_none_or(|own| own == protocol);
            assert!(case.needs.iter().all(fits), "{}: {:?}", case.id, case.needs);
        }
    }
}

#[test]
fn every_cited_requirement_exists() {
    for (id, cited, ..) in entries() {
        assert!(!cited.is_empty(), "{id} cites no requirement");
        for requirement in cited {
            assert!(
                requirements().get(requirement).is_some(),
                "{id} cites {requirement}, which does not exist"
            );
        }
    }
}

#[test]
fn every_case_says_what_it_does_and_expects() {
    for (id, _, title, expected) in entries() {
        assert!(!title.is_empty() && !expected.is_empty(), "{id}");
    }
}

#[test]
fn every_violation_of_the_parser_names_a_requirement_that_exists() {
    for violation in pushspec_parser::Violation::ALL {
        assert!(
            requirements().get(violation.requirement()).is_some(),
            "{violation:?}"
        );
    }
}

/// Each hazard is seen by a check that rests on the same clauses, and each of those checks has clients to name.
#[test]
fn every_hazard_has_its_check() {
    let hazards: Vec<(&str, Vec<&str>)> = pushspec_spec::hazards()
        .iter()
        .map(|hazard| {
            let allowed = hazard.requirements.iter().map(String::as_str);
            (hazard.id.as_str(), allowed.collect())
        })
        .collect();
    let checks: Vec<(&str, Vec<&str>)> = passive::checks(Protocol::EventStream)
        .iter()
        .filter(|check| check.id.starts_with("sse/compat/"))
        .map(|check| (check.id, check.requirements.to_vec()))
        .collect();
    assert_eq!(hazards, checks);
}

/// Families whose failures say themselves what users suffer.
const TELL_IT_THEMSELVES: [&str; 6] = [
    "ws/hs/",
    "ws/hs-neg/",
    "ws/origin/",
    "ws/sub/",
    "ws/ext/",
    "ws/auth/",
];

/// Each case for WebSocket says what a user suffers when it fails, and no sentence is about nothing.
#[test]
fn every_harm_is_somebodys_and_every_case_has_one() {
    let entries = entries();
    let ids = entries
        .iter()
        .map(|(id, ..)| id)
        .filter(|id| id.starts_with("ws/"));
    let mut meant = std::collections::HashSet::new();
    for id in ids {
        let harm = pushspec_spec::harms().of(id);
        let itself = TELL_IT_THEMSELVES
            .iter()
            .any(|family| id.starts_with(family));
        assert_eq!(harm.is_none(), itself, "{id}: {harm:?}");
        meant.extend(harm.map(|harm| &harm.suffers));
    }
    for harm in pushspec_spec::harms().iter() {
        assert!(
            meant.contains(&harm.suffers),
            "of no case: {:?}",
            harm.cases
        );
    }
}
